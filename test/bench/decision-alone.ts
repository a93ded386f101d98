import { measureDecision } from './decision.js';

console.log(JSON.stringify(measureDecision()));
