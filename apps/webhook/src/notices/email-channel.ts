import { createTransport } from 'nodemailer';
import type { ChannelSender } from '../outgoing/deliveries.ts';
import { noticeText, type Notice } from './notice.ts';

export interface MailSettings {
  /** `smtp://user:password@host:587` or `smtps://…`. */
  smtpUrl: string;
  /** `Vesper <books@example.com>`. */
  from: string;
}

const TIMEOUT_MS = 20_000;

/** Notices by SMTP. The message id is the notice's, so a repetition after a lost answer is one mail to the reader. */
export function createEmailChannel(
  { smtpUrl, from }: MailSettings,
  consoleUrl: (notice: Notice) => string | undefined,
): ChannelSender & { close(): void } {
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  });
  const domain = /@([^\s>]+)>?$/.exec(from)?.[1] ?? 'vesper.invalid';
  return {
    async send({ to, content, messageId }) {
      const notice = JSON.parse(content) as Notice;
      try {
        await transport.sendMail({
          from,
          to,
          subject: `${notice.companyName}: ${notice.headline}`,
          text: noticeText(notice, consoleUrl(notice)),
          messageId: `<${messageId}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return { outcome: 'delivered' };
      } catch (error) {
        return { outcome: 'failed', why: whyOf(error) };
      }
    },
    close: () => transport.close(),
  };
}

/** nodemailer's code (`ECONNECTION`, `EAUTH`, `EENVELOPE`) and the server's reply code; never its text, which may repeat addresses. */
function whyOf(error: unknown): string {
  const { code, responseCode } = (error ?? {}) as { code?: string; responseCode?: number };
  return [code ?? 'the mail server could not be reached', responseCode].filter(Boolean).join(' ');
}
