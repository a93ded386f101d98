import { z } from 'zod';
import { WIRE_CODES } from '../core/errors.js';
import { ADMIN_METHODS } from './admin-methods.js';
import { RPC_NUMBERS } from './codes.js';
import { ERROR_GUIDE } from './error-guide.js';
import type { Method, MethodTable } from './method.js';
import { SIGNER_METHODS } from './signer-methods.js';
import { PROTOCOL_VERSION } from './version.js';

/** JSON Schema as zod writes it. */
type Schema = z.core.JSONSchema.BaseSchema;

/** The text of docs/openrpc.json: the OpenRPC 1.3 document of both sockets, made of the schemas that check requests. */
export function openRpcText(): string {
  const document = {
    openrpc: '1.3.2',
    info: {
      title: 'Chancery',
      version: PROTOCOL_VERSION,
      description: 'JSON-RPC 2.0 over HTTP POST and WebSocket on two Unix sockets; see docs/protocol.md.',
    },
    servers: [
      { name: 'signer', url: 'unix:///run/chancery/signer.sock', summary: 'for workloads' },
      { name: 'admin', url: 'unix:///run/chancery/admin.sock', summary: 'for operators' },
    ],
    methods: [...methods('signer', SIGNER_METHODS), ...methods('admin', ADMIN_METHODS)],
    components: { errors: Object.fromEntries(WIRE_CODES.map((code) => [code, errorObject(code)])) },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function methods(server: 'signer' | 'admin', table: MethodTable): object[] {
  return Object.entries(table).map(([name, method]) => ({
    name,
    summary: method.summary,
    tags: [{ name: server }, ...(method.websocketOnly === true ? [{ name: 'websocket only' }] : [])],
    paramStructure: 'by-name',
    params: params(method),
    result: { name: 'result', schema: schema(method.result) },
  }));
}

function params(method: Method): object[] {
  const { properties = {}, required = [] } = schema(method.params);
  return Object.entries(properties).map(([name, property]) => ({
    name,
    required: required.includes(name),
    schema: property,
  }));
}

function schema(type: z.ZodType): Schema {
  const made: Schema = z.toJSONSchema(type, { target: 'draft-7', io: 'input' });
  delete made.$schema;
  return made;
}

function errorObject(code: (typeof WIRE_CODES)[number]): object {
  return { code: RPC_NUMBERS[code], message: ERROR_GUIDE[code].cause, data: { code } };
}
