import { Globe, Hash, Mail, MessageCircle, Send, type LucideIcon } from 'lucide-react';
import { t, type TextKey } from '../i18n/translate';

const CHANNELS: Readonly<Record<string, { icon: LucideIcon; key: TextKey }>> = {
  web: { icon: Globe, key: 'channel.web' },
  widget: { icon: Globe, key: 'channel.web' },
  email: { icon: Mail, key: 'channel.email' },
  telegram: { icon: Send, key: 'channel.telegram' },
  whatsapp: { icon: MessageCircle, key: 'channel.whatsapp' },
  slack: { icon: Hash, key: 'channel.slack' },
};

/** What a channel is called; a channel of the host's own keeps its name. */
export function channelName(channel: string): string {
  const known = CHANNELS[channel];
  return known ? t(known.key) : channel;
}

export function ChannelIcon({ channel, size = 14 }: { channel: string; size?: number }) {
  const Icon = CHANNELS[channel]?.icon ?? MessageCircle;
  return <Icon size={size} role="img" aria-label={channelName(channel)} />;
}
