import { html } from 'hono/html';
import type { EntryStory } from '../../support/entry-story.ts';
import { entryPath } from '../company-names.ts';
import type { Visitor } from '../visitor.ts';
import { formToken, whyField } from './fields.ts';
import type { Html } from './html.ts';

/** What support may do with an entry now. Replaying begins with its verdict; the others ask why and say what they do. */
export function entryActs(visitor: Visitor, { entry, corrections }: EntryStory): Html {
  const { id, state } = entry;
  const isHeldByPerson = corrections.some(({ fix }) => fix.kind === 'hold');
  const canReplay = state !== 'canceled' && state !== 'quarantined';
  return html`<div class="acts" role="group" aria-label="What you can do">
    ${canReplay && html`<a class="button first" href="${entryPath(id, '/replay')}">Replay…</a>`}
    ${(state === 'failed' || state === 'held') && html`<a class="button" href="${entryPath(id, '/fix')}">Fix once…</a>`}
    ${
      !isHeldByPerson &&
      state !== 'canceled' &&
      state !== 'quarantined' &&
      act(visitor, { id, act: 'hold', name: 'Hold', words: 'It waits until somebody releases it. What is posted stays posted.' })
    }
    ${
      (isHeldByPerson || state === 'canceled') &&
      act(visitor, { id, act: 'release', name: 'Release', words: 'It posts on the next evening, or now by a replay.' })
    }
    ${
      state !== 'posted' &&
      state !== 'canceled' &&
      act(visitor, {
        id,
        act: 'cancel',
        name: 'Cancel',
        words: 'The event counts for nothing from now on. It stays here as it came, and release brings it back.',
        careful: true,
      })
    }
  </div>`;
}

function act(
  visitor: Visitor,
  { id, act: verb, name, words, careful }: { id: string; act: string; name: string; words: string; careful?: boolean },
): Html {
  return html`<details class="act">
    <summary>${name}</summary>
    <form method="post" action="${entryPath(id, `/${verb}`)}">
      ${formToken(visitor)}
      <p>${words}</p>
      ${whyField(`why-${verb}`)}
      <button class="${careful ? 'careful' : 'first'}">${name}</button>
    </form>
  </details>`;
}
