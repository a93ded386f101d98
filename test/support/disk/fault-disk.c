/*
 * Preloaded into the real daemon by tests: makes writes, syncs and reads of files under one directory fail, be short or
 * stand still on command. What libuv calls is covered: write, pwrite, writev, pwritev, read, pread, preadv and their
 * 64-bit names, fsync, fdatasync. (With UV_USE_IO_URING=1 libuv asks the kernel directly: the log then has no calls.)
 *
 * DISK_FAULT_UNDER    the directory, as realpath(3) gives it
 * DISK_FAULT_CONTROL  path of the control file; absent or empty: forward. It is read at every call, so that a running
 *                     daemon can be made to fail. Lines of `CALL PATTERN ACTION [ARGUMENT [COUNT]]`; the first that
 *                     matches and is not used up counts. CALL is write, sync, any (of the two) or read; PATTERN is a glob
 *                     of the path below the directory, `.` is the directory itself; COUNT, how often, begins anew with each
 *                     change of the file and is without bounds unless given.
 *   fail ERRNO     say so without doing anything
 *   after ERRNO    do it, then say so: what a failed sync leaves, when the kernel calls the pages clean
 *   short BYTES    write no more than so many
 *   hold           wait until the file no longer says so, then do it
 * DISK_FAULT_LOG      a line `FUNCTION PATH RESULT` for every call under the directory: ok, short, held or the errno;
 *                     a read that is left alone has none
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define LINES 32

enum kind { READ, WRITE, SYNC };
static const char *const kinds[] = {"read", "write", "sync"};

struct fault {
  char action[8];
  char argument[16];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
/* Of the control file that was read last. */
static ino_t inode;
static struct timespec modified;
static unsigned used[LINES];

static const struct {
  const char *name;
  int number;
} errors[] = {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EROFS", EROFS}, {"EDQUOT", EDQUOT}};

static int error_number(const char *name) {
  for (size_t at = 0; at < sizeof errors / sizeof *errors; at++)
    if (strcmp(errors[at].name, name) == 0) return errors[at].number;
  abort();
}

/* The path below the directory, or NULL when the descriptor is none of ours. */
static const char *below(int fd, char *path) {
  const char *directory = getenv("DISK_FAULT_UNDER");
  char link[32];
  size_t length;
  ssize_t got;
  if (directory == NULL) return NULL;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  got = readlink(link, path, PATH_MAX - 1);
  if (got < 0) return NULL;
  path[got] = 0;
  length = strlen(directory);
  if (strncmp(path, directory, length) != 0) return NULL;
  if (path[length] == 0) return ".";
  return path[length] == '/' ? path + length + 1 : NULL;
}

static struct fault read_fault(enum kind kind, const char *name) {
  struct fault none = {"", ""}, found = none;
  const char *path = getenv("DISK_FAULT_CONTROL");
  FILE *file;
  struct stat st;
  char line[256];
  pthread_mutex_lock(&mutex);
  file = path == NULL ? NULL : fopen(path, "re");
  if (file == NULL) goto done;
  fstat(fileno(file), &st);
  if (st.st_ino != inode || memcmp(&st.st_mtim, &modified, sizeof modified) != 0) {
    inode = st.st_ino;
    modified = st.st_mtim;
    memset(used, 0, sizeof used);
  }
  for (unsigned at = 0; at < LINES && fgets(line, sizeof line, file) != NULL; at++) {
    struct fault read = none;
    char call[8], pattern[128];
    unsigned count = UINT_MAX;
    if (sscanf(line, "%7s %127s %7s %15s %u", call, pattern, read.action, read.argument, &count) < 3) continue;
    if (strcmp(call, kinds[kind]) != 0 && (kind == READ || strcmp(call, "any") != 0)) continue;
    if (fnmatch(pattern, name, 0) != 0 || used[at] >= count) continue;
    used[at]++;
    found = read;
    break;
  }
  fclose(file);
done:
  pthread_mutex_unlock(&mutex);
  return found;
}

static void note(const char *function, const char *name, const char *result) {
  static int output = -1;
  const char *path = getenv("DISK_FAULT_LOG");
  char line[PATH_MAX + 64];
  int length;
  if (path == NULL) return;
  pthread_mutex_lock(&mutex);
  if (output < 0) output = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  pthread_mutex_unlock(&mutex);
  length = snprintf(line, sizeof line, "%s %s %s\n", function, name, result);
  syscall(SYS_write, output, line, length);
}

static int is(const struct fault *fault, const char *action) { return strcmp(fault->action, action) == 0; }

/* What was asked for, by any of the functions. */
struct call {
  const char *function;
  enum kind kind;
  int fd;
  const struct iovec *parts;
  int count;
  /* -1: where the descriptor stands. */
  off_t offset;
};

static ssize_t forward(const struct call *call, size_t most) {
  if (call->kind == SYNC)
    return strcmp(call->function, "fsync") == 0 ? syscall(SYS_fsync, call->fd) : syscall(SYS_fdatasync, call->fd);
  if (most != SIZE_MAX) {
    size_t length = call->parts[0].iov_len < most ? call->parts[0].iov_len : most;
    struct iovec cut = {call->parts[0].iov_base, length};
    struct call shortened = *call;
    shortened.parts = &cut;
    shortened.count = 1;
    return forward(&shortened, SIZE_MAX);
  }
  if (call->offset < 0)
    return syscall(call->kind == READ ? SYS_readv : SYS_writev, call->fd, call->parts, call->count);
  return syscall(call->kind == READ ? SYS_preadv : SYS_pwritev, call->fd, call->parts, call->count, call->offset, 0);
}

static ssize_t intercept(const struct call *call) {
  char path[PATH_MAX];
  const char *name = below(call->fd, path), *result = "ok";
  struct fault fault;
  ssize_t done;
  int held = 0, error;
  if (name == NULL) return forward(call, SIZE_MAX);
  fault = read_fault(call->kind, name);
  for (; is(&fault, "hold"); fault = read_fault(call->kind, name)) {
    if (!held) note(call->function, name, "holding");
    held = 1;
    usleep(2000);
  }
  if (is(&fault, "fail")) {
    note(call->function, name, fault.argument);
    errno = error_number(fault.argument);
    return -1;
  }
  done = forward(call, is(&fault, "short") ? strtoul(fault.argument, NULL, 10) : SIZE_MAX);
  error = errno;
  if (is(&fault, "after")) {
    result = fault.argument;
    done = -1;
    error = error_number(fault.argument);
  } else if (is(&fault, "short")) {
    result = "short";
  } else if (done < 0) {
    result = "failed";
  } else if (held) {
    result = "held";
  }
  if (call->kind != READ || strcmp(result, "ok") != 0) note(call->function, name, result);
  errno = error;
  return done;
}

#define EXPORT __attribute__((visibility("default")))

static ssize_t intercept_parts(const char *function, enum kind kind, int fd, const struct iovec *parts, int count,
                               off_t offset) {
  struct call call = {function, kind, fd, parts, count, offset};
  return intercept(&call);
}

static ssize_t intercept_bytes(const char *function, enum kind kind, int fd, void *bytes, size_t length,
                               off_t offset) {
  struct iovec part = {bytes, length};
  return intercept_parts(function, kind, fd, &part, 1, offset);
}

static int intercept_sync(const char *function, int fd) {
  struct call call = {function, SYNC, fd, NULL, 0, -1};
  return (int)intercept(&call);
}

EXPORT ssize_t write(int fd, const void *bytes, size_t length) {
  return intercept_bytes("write", WRITE, fd, (void *)bytes, length, -1);
}
EXPORT ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return intercept_bytes("pwrite", WRITE, fd, (void *)bytes, length, offset);
}
EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  return intercept_bytes("pwrite", WRITE, fd, (void *)bytes, length, offset);
}
EXPORT ssize_t writev(int fd, const struct iovec *parts, int count) {
  return intercept_parts("writev", WRITE, fd, parts, count, -1);
}
EXPORT ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  return intercept_parts("pwritev", WRITE, fd, parts, count, offset);
}
EXPORT ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  return intercept_parts("pwritev", WRITE, fd, parts, count, offset);
}
EXPORT ssize_t read(int fd, void *bytes, size_t length) {
  return intercept_bytes("read", READ, fd, bytes, length, -1);
}
EXPORT ssize_t pread(int fd, void *bytes, size_t length, off_t offset) {
  return intercept_bytes("pread", READ, fd, bytes, length, offset);
}
EXPORT ssize_t pread64(int fd, void *bytes, size_t length, off64_t offset) {
  return intercept_bytes("pread", READ, fd, bytes, length, offset);
}
EXPORT ssize_t preadv(int fd, const struct iovec *parts, int count, off_t offset) {
  return intercept_parts("preadv", READ, fd, parts, count, offset);
}
EXPORT ssize_t preadv64(int fd, const struct iovec *parts, int count, off64_t offset) {
  return intercept_parts("preadv", READ, fd, parts, count, offset);
}
EXPORT int fsync(int fd) { return intercept_sync("fsync", fd); }
EXPORT int fdatasync(int fd) { return intercept_sync("fdatasync", fd); }
