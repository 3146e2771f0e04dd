import type { CompanySettings } from '@vesper/core/settings';
import type { Correction } from './correction.ts';

/** The settings with every mapping a person corrected laid over them; a later correction of the same thing counts. */
export function applyCorrections(settings: CompanySettings, corrections: readonly Correction[]): CompanySettings {
  const corrected: CompanySettings = {
    ...settings,
    items: { ...settings.items, services: { ...settings.items.services }, names: { ...settings.items.names } },
    accounts: { ...settings.accounts },
    classes: {
      inspectors: { ...settings.classes.inspectors },
      services: { ...settings.classes.services },
      locations: { ...settings.classes.locations },
    },
  };
  for (const { fix } of corrections) {
    switch (fix.kind) {
      case 'map_item':
        corrected.items[fix.by === 'service' ? 'services' : 'names'][fix.of] = fix.itemId;
        break;
      case 'map_role':
        corrected.items[fix.role] = fix.itemId;
        break;
      case 'map_account':
        corrected.accounts[fix.role] = fix.accountId;
        break;
      case 'map_class':
        corrected.classes[fix.by][fix.of] = fix.classId;
        break;
      case 'customer_link':
      case 'skip':
      case 'hold':
      case 'post_on':
      case 'take_back':
        break;
    }
  }
  return corrected;
}
