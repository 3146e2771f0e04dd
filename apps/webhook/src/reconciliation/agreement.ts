/** Which of the four sides were heard: the platform by its statements, QuickBooks unless it could not be read. */
export interface Heard {
  days: number;
  daysWithStatement: number;
  isQuickbooksRead: boolean;
}

/** That no side differs, in words; a side that said nothing is not said to agree. `isWhole` when all four were heard for every day. */
export function agreement({ days, daysWithStatement, isQuickbooksRead }: Heard): { isWhole: boolean; words: string } {
  const sides = [...(daysWithStatement > 0 ? ['platform'] : []), 'webhooks', 'ledger', ...(isQuickbooksRead ? ['QuickBooks'] : [])];
  const agree = `${sides.slice(0, -1).join(', ')} and ${sides.at(-1)} agree.`;
  const silent = days - daysWithStatement;
  const unheard = [
    ...(silent > 0
      ? [`The platform sent no totals for ${days === 1 ? 'this day' : `${silent} of ${days} days`}: nothing says that all of it came.`]
      : []),
    ...(isQuickbooksRead ? [] : ['QuickBooks could not be read.']),
  ];
  return { isWhole: unheard.length === 0, words: [agree.charAt(0).toUpperCase() + agree.slice(1), ...unheard].join(' ') };
}
