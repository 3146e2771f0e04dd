import { createMemoryStore } from './memory-store.ts';
import { describeStore } from './store-contract.ts';

describeStore('in memory', (options) => Promise.resolve({ store: createMemoryStore(options) }), { durable: false });
