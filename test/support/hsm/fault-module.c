/*
 * A PKCS#11 module that forwards to a real one and fails on command, for tests. It reads a control file at every
 * call of C_SignInit, C_Sign, C_Login, C_OpenSession, C_GetMechanismList, C_GetTokenInfo, C_GetAttributeValue and
 * C_CreateObject, so that a running host can be made to fail.
 *
 * FAULT_MODULE   path of the real module
 * FAULT_CONTROL  path of the control file; absent or empty: forward. Lines of `FUNCTION ACTION [NUMBER]`:
 *   fail CODE    return CODE without calling the real module
 *   once CODE    the same for one call, then forward (the line is forgotten when the file changes)
 *   after CODE   call the real module, then return CODE although it may have signed
 *   delay MS     sleep, then forward
 *   hang         never return
 *   crash        die by SIGSEGV
 *   later        C_CreateObject dies by SIGSEGV, but not the first time
 *   corrupt BIT  forward C_Sign, then flip one bit of the signature
 *   short        forward C_Sign, then claim 32 bytes
 *   nothing      C_Sign claims success and 64 bytes without writing any
 *   second CODE  C_Sign returns CODE for every signature of a session but its first
 *   limit N      C_OpenSession returns CKR_SESSION_COUNT when N sessions are open, those from before included
 *   hide TYPE    C_GetMechanismList does not list this mechanism
 *   readonly CODE  C_OpenSession returns CODE for a session that is not read-write
 *   serial CHAR  C_GetTokenInfo names another token: its serial begins with the character of this number
 *   maker CHAR   the same with its maker
 * FAULT_LOG      a file to which the name of every intercepted call is appended, one a line
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <p11-kit/pkcs11.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static CK_FUNCTION_LIST list;
static CK_FUNCTION_LIST *real;
/* Modification time of the control file whose `once` has been used, per function. */
static struct timespec used[8];
static const char *const names[8] = {"C_SignInit",         "C_Sign",         "C_Login",             "C_OpenSession",
                                     "C_GetMechanismList", "C_GetTokenInfo", "C_GetAttributeValue", "C_CreateObject"};
static unsigned long open_sessions;
/* Signatures since a session was opened. */
static unsigned long signatures;

struct fault {
  char action[16];
  unsigned long number;
};

static void note(const char *function) {
  const char *path = getenv("FAULT_LOG");
  int fd = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (fd < 0) return;
  dprintf(fd, "%s\n", function);
  close(fd);
}

static struct fault read_fault(int which) {
  struct fault fault = {"", 0};
  const char *path = getenv("FAULT_CONTROL");
  FILE *file = path == NULL ? NULL : fopen(path, "re");
  char line[128], function[32];
  struct stat st;
  note(names[which]);
  if (file == NULL) return fault;
  fstat(fileno(file), &st);
  while (fgets(line, sizeof line, file) != NULL) {
    struct fault read = {"", 0};
    if (sscanf(line, "%31s %15s %li", function, read.action, (long *)&read.number) < 2) continue;
    if (strcmp(function, names[which]) == 0) fault = read;
  }
  fclose(file);
  if (strcmp(fault.action, "once") == 0) {
    if (memcmp(&used[which], &st.st_mtim, sizeof st.st_mtim) == 0) fault.action[0] = 0;
    used[which] = st.st_mtim;
  }
  return fault;
}

static int is(const struct fault *fault, const char *action) { return strcmp(fault->action, action) == 0; }

/* What happens before the real call: 1 when `*rv` is the result and the real module is not asked. */
static int before(const struct fault *fault, CK_RV *rv) {
  if (is(fault, "fail") || is(fault, "once")) {
    *rv = fault->number;
    return 1;
  }
  if (is(fault, "delay")) usleep(fault->number * 1000);
  if (is(fault, "hang")) for (;;) pause();
  if (is(fault, "crash")) raise(SIGSEGV);
  return 0;
}

static CK_RV after(const struct fault *fault, CK_RV rv) { return is(fault, "after") ? fault->number : rv; }

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
  struct fault fault = read_fault(0);
  CK_RV rv;
  if (before(&fault, &rv)) return rv;
  return after(&fault, real->C_SignInit(session, mechanism, key));
}

static CK_RV sign(CK_SESSION_HANDLE session, unsigned char *data, unsigned long data_len, unsigned char *signature,
                  unsigned long *signature_len) {
  struct fault fault = read_fault(1);
  CK_RV rv;
  if (before(&fault, &rv)) return rv;
  if (is(&fault, "second") && signatures > 0) return fault.number;
  if (is(&fault, "nothing") && signature != NULL) {
    unsigned char discarded[64];
    unsigned long length = sizeof discarded;
    rv = real->C_Sign(session, data, data_len, discarded, &length);
    *signature_len = 64;
    return rv;
  }
  rv = real->C_Sign(session, data, data_len, signature, signature_len);
  if (rv == CKR_OK && signature != NULL && is(&fault, "corrupt")) signature[fault.number / 8] ^= 1 << fault.number % 8;
  if (rv == CKR_OK && signature != NULL && is(&fault, "short")) *signature_len = 32;
  if (rv == CKR_OK && signature != NULL) signatures += 1;
  return after(&fault, rv);
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin, unsigned long pin_len) {
  struct fault fault = read_fault(2);
  CK_RV rv;
  if (before(&fault, &rv)) return rv;
  return after(&fault, real->C_Login(session, user, pin, pin_len));
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE *session) {
  struct fault fault = read_fault(3);
  CK_RV rv;
  if (before(&fault, &rv)) return rv;
  if (is(&fault, "limit") && open_sessions >= fault.number) return CKR_SESSION_COUNT;
  if (is(&fault, "readonly") && (flags & CKF_RW_SESSION) == 0) return fault.number;
  rv = real->C_OpenSession(slot, flags, application, notify, session);
  if (rv == CKR_OK) {
    open_sessions += 1;
    signatures = 0;
  }
  return after(&fault, rv);
}

static CK_RV mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE *mechanisms, unsigned long *count) {
  struct fault fault = read_fault(4);
  CK_RV rv = real->C_GetMechanismList(slot, mechanisms, count);
  if (rv != CKR_OK || mechanisms == NULL || !is(&fault, "hide")) return rv;
  for (unsigned long at = 0; at < *count; at++)
    if (mechanisms[at] == fault.number) mechanisms[at] = CKM_SHA256;
  return rv;
}

static CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
  struct fault fault = read_fault(5);
  CK_RV rv;
  if (before(&fault, &rv)) return rv;
  rv = real->C_GetTokenInfo(slot, info);
  if (rv == CKR_OK && is(&fault, "serial")) info->serialNumber[0] = (unsigned char)fault.number;
  if (rv == CKR_OK && is(&fault, "maker")) info->manufacturerID[0] = (unsigned char)fault.number;
  return after(&fault, rv);
}

static CK_RV attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template,
                             unsigned long count) {
  struct fault fault = read_fault(6);
  CK_RV rv;
  if (before(&fault, &rv)) return rv;
  return after(&fault, real->C_GetAttributeValue(session, object, template, count));
}

static CK_RV create_object(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, unsigned long count,
                           CK_OBJECT_HANDLE *object) {
  static int created;
  struct fault fault = read_fault(7);
  CK_RV rv;
  if (before(&fault, &rv)) return rv;
  if (is(&fault, "later") && created++ > 0) raise(SIGSEGV);
  return after(&fault, real->C_CreateObject(session, template, count, object));
}

static CK_RV close_session(CK_SESSION_HANDLE session) {
  CK_RV rv = real->C_CloseSession(session);
  if (rv == CKR_OK) open_sessions -= 1;
  return rv;
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **result) {
  const char *path = getenv("FAULT_MODULE");
  void *module = path == NULL ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
  CK_C_GetFunctionList get = module == NULL ? NULL : (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList");
  if (get == NULL || get(&real) != CKR_OK) return CKR_GENERAL_ERROR;
  list = *real;
  list.C_SignInit = sign_init;
  list.C_Sign = sign;
  list.C_Login = login;
  list.C_OpenSession = open_session;
  list.C_CloseSession = close_session;
  list.C_GetMechanismList = mechanism_list;
  list.C_GetTokenInfo = token_info;
  list.C_GetAttributeValue = attribute_value;
  list.C_CreateObject = create_object;
  *result = &list;
  return CKR_OK;
}
