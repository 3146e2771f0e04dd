import type { FaultError } from './faults.ts';

/**
 * Fault texts come in the user's language (French was seen for 6140 and 6000, type names included); the code stays. The
 * wording is ours: what matters is that nobody decides by text.
 */
export function localise(error: FaultError, language: 'en' | 'fr'): FaultError {
  if (language === 'en') return error;
  const message = french[error.code] ?? "Une erreur s'est produite lors du traitement de votre demande";
  const detail = error.code === '6140' ? duplicate(error.detail) : frenchDetail(error.detail, message);
  return { ...error, message, detail };
}

const french: Readonly<Record<string, string>> = {
  '610': 'Objet introuvable',
  '2500': 'ID de référence non valide',
  '5010': "Erreur d'objet périmé",
  '6000': "Une erreur de validation s'est produite lors du traitement de votre demande",
  '6140': 'Erreur de numéro de document en double',
  '6240': 'Erreur : ce nom existe déjà',
  '6540': 'Cette opération a été déposée',
};

const typeNames: Readonly<Record<string, string>> = {
  Invoice: 'Facture',
  'Sales Receipt': 'Reçu de vente',
  'Refund Receipt': 'Reçu de remboursement',
  'Credit Memo': 'Note de crédit',
};

/** The marks DocNumber=, TxnType= and TxnId= stay; the type's name is translated. */
function duplicate(detail: string): string {
  const [, docNumber = '', type = '', id = ''] = /DocNumber=(.*) is assigned to TxnType=(.*) with TxnId=(.*)$/.exec(detail) ?? [];
  return `${french['6140']} : Vous devez indiquer un autre numéro. Ce numéro a déjà été utilisé. DocNumber=${docNumber} est attribué à TxnType=${typeNames[type] ?? type} avec TxnId=${id}`;
}

function frenchDetail(detail: string, message: string): string {
  return detail.startsWith('Business Validation Error: ') ? `Erreur de validation : ${detail.slice(27)}` : message;
}
