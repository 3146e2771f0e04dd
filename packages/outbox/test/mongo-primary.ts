import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { BSON, MongoClient, type Document } from 'mongodb';
import { startMongoServer } from './mongo-server.ts';

/** A primary as its clients see it, between them and the one server there is. */
export interface MongoPrimary {
  url: string;
  /**
   * From now on nothing reaches the other members: writes take effect here, and those that ask for a majority are told that there is none,
   * once their own `wtimeout` has passed.
   */
  isolate(): Promise<void>;
  /** Says once after the next write that the primary has stepped down, and no more: the write has taken effect. */
  stepDownAfterWrite(): void;
  /** No primary, until there is one again: writes are refused. */
  stepDown(): void;
  /** Another member is primary: what was written while isolated is gone. Connections are ended. */
  elect(): Promise<void>;
  /** The write commands that came through, oldest first. */
  writes(): readonly Document[];
  close(): Promise<void>;
}

const OP_MSG = 2013;
const asTheyAre = { promoteValues: false, promoteBuffers: false, allowObjectSmallerThanBufferSize: true } as const;

/** What becomes of an answer on its way back, and after how long. */
interface Change {
  of: (answer: Document) => Document | undefined;
  afterMs?: number;
}

const NOT_PRIMARY = { ok: 0, code: 10_107, codeName: 'NotWritablePrimary', errmsg: 'not primary', errorLabels: ['RetryableWriteError'] };
const NO_MAJORITY = {
  writeConcernError: {
    code: 64,
    codeName: 'WriteConcernFailed',
    errmsg: 'waiting for replication timed out',
    errInfo: { wtimeout: true },
  },
};
const STEPPED_DOWN = {
  writeConcernError: { code: 189, codeName: 'PrimarySteppedDown', errmsg: 'primary stepped down while waiting for replication' },
  errorLabels: ['RetryableWriteError'],
};

/**
 * A model of what an election does to a client, for servers that have none of their own: majority writes fail while isolated, are rolled back
 * by the next primary, and NotWritablePrimary, PrimarySteppedDown and WriteConcernFailed say so, as in MongoDB's error reference
 * (https://www.mongodb.com/docs/manual/reference/error-codes/). It reads MongoDB's wire protocol, OP_MSG and the greeting before it.
 */
export async function startMongoPrimary(database: string): Promise<MongoPrimary> {
  const single = await startMongoServer({ standalone: true });
  const serverUrl = single.url(database);
  const target = new URL(serverUrl);
  const behind = await MongoClient.connect(serverUrl, { directConnection: true, maxPoolSize: 1 });
  const othersHave = `${database}_of_the_others`;
  const sockets = new Set<Socket>();
  const seen: Document[] = [];
  const collections = new Set<string>();
  let role: 'primary' | 'isolated' | 'none' = 'primary';
  let saysSteppedDown = false;

  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const answers = new Map<number, Change>();
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    readFrames(near, (frame) => {
      const id = frame.readInt32LE(4);
      const command = commandOf(frame);
      const collection = command === undefined ? undefined : written(command);
      if (command !== undefined && collection !== undefined) {
        seen.push(command);
        collections.add(collection);
        if (role === 'none') {
          near.write(toReply(id, NOT_PRIMARY));
          return;
        }
        const trouble = troubleWith(command);
        if (trouble !== undefined) answers.set(id, trouble);
      }
      far.write(frame);
    });
    readFrames(far, (frame) => {
      const to = frame.readInt32LE(8);
      const change: Change = answers.get(to) ?? { of: (answer) => ('maxWireVersion' in answer ? greeting(answer) : undefined) };
      answers.delete(to);
      const at = frame.readInt32LE(12) === OP_MSG ? 21 : 36;
      const changed = change.of(BSON.deserialize(frame.subarray(at), asTheyAre));
      const answer = changed === undefined ? frame : withDocument(frame, at, changed);
      if (change.afterMs === undefined) near.write(answer);
      else setTimeout(() => near.destroyed || near.write(answer), change.afterMs).unref();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  function troubleWith({ writeConcern }: Document): Change | undefined {
    const { w, wtimeout } = (writeConcern ?? {}) as Document;
    if (saysSteppedDown) {
      saysSteppedDown = false;
      return { of: (answer) => ({ ...answer, ...STEPPED_DOWN }) };
    }
    if (role !== 'isolated' || w !== 'majority') return undefined;
    return { of: (answer) => ({ ...answer, ...NO_MAJORITY }), afterMs: Number(wtimeout) };
  }

  /** The greeting names this address only, and says whether there is a primary. */
  function greeting(answer: Document): Document {
    const isPrimary = role !== 'none';
    return {
      ...answer,
      setName: 'rs0',
      hosts: [`127.0.0.1:${port}`],
      me: `127.0.0.1:${port}`,
      ...(isPrimary ? { primary: `127.0.0.1:${port}` } : { primary: undefined }),
      ...('ismaster' in answer && { ismaster: isPrimary }),
      ...('isWritablePrimary' in answer && { isWritablePrimary: isPrimary }),
      secondary: !isPrimary,
    };
  }

  async function copy(from: string, to: string): Promise<void> {
    for (const name of collections) {
      await behind.db(to).collection(name).deleteMany({});
      const documents = await behind.db(from).collection(name).find().toArray();
      if (documents.length > 0) await behind.db(to).collection(name).insertMany(documents);
    }
  }

  return {
    url: `mongodb://127.0.0.1:${port}/${database}?replicaSet=rs0&serverMonitoringMode=poll`,
    async isolate() {
      await copy(database, othersHave);
      role = 'isolated';
    },
    stepDownAfterWrite() {
      saysSteppedDown = true;
    },
    stepDown() {
      role = 'none';
    },
    async elect() {
      for (const socket of sockets) socket.destroy();
      if (role === 'isolated') await copy(othersHave, database);
      role = 'primary';
    },
    writes: () => seen,
    async close() {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      for (const socket of sockets) socket.destroy();
      await closed;
      await behind.close();
      await single.stop();
    },
  };
}

/** Calls with each whole message; its length stands in its first four bytes. */
function readFrames(socket: Socket, handle: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 16 && rest.length >= rest.readInt32LE(0)) {
      handle(rest.subarray(0, rest.readInt32LE(0)));
      rest = rest.subarray(rest.readInt32LE(0));
    }
  });
}

/** The command's own document: the section of kind 0, which the driver sends first. */
function commandOf(frame: Buffer): Document | undefined {
  return frame.readInt32LE(12) === OP_MSG && frame[20] === 0 ? BSON.deserialize(frame.subarray(21), asTheyAre) : undefined;
}

/** The collection that a command writes to. */
function written(command: Document): string | undefined {
  const write = ['insert', 'update', 'delete', 'findAndModify'].find((name) => name in command);
  return write === undefined ? undefined : String(command[write]);
}

/** The message with the document at `at` replaced; what follows it stays. */
function withDocument(frame: Buffer, at: number, document: Document): Buffer {
  const end = at + frame.readInt32LE(at);
  const changed = Buffer.concat([frame.subarray(0, at), BSON.serialize(document, { ignoreUndefined: true }), frame.subarray(end)]);
  changed.writeInt32LE(changed.length, 0);
  return changed;
}

function toReply(to: number, document: Document): Buffer {
  const header = Buffer.alloc(21);
  const body = BSON.serialize(document);
  header.writeInt32LE(header.length + body.length, 0);
  header.writeInt32LE(to, 8);
  header.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([header, body]);
}
