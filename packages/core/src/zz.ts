import { readFileSync } from 'node:fs';
import '@vesper/outbox/store';
export const x = () => [Date.now(), readFileSync];
