/** A workspace on an ordinary day. */

import type { Assistant, Contact, Operator } from '@helpdesk/shared/wire';
import { FakeDesk, message, type FakeConversation } from './desk';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Seed {
  desk: FakeDesk;
  me: Operator;
  colleague: Operator;
  /** The conversation that waits for a human. */
  waiting: FakeConversation;
  /** The one in which the assistant answers. */
  chatting: FakeConversation;
  /** The one that `me` answers. */
  mine: FakeConversation;
}

const COLOURS = ['Eerie Lavender', 'Gentle Cobalt', 'Swift Amber', 'Quiet Teal', 'Bright Coral', 'Calm Indigo', 'Brave Olive', 'Lucky Crimson', 'Mellow Jade', 'Silent Saffron'];
const COUNTRIES = ['NL', 'DE', 'JP', 'BR', 'FR', 'SE', 'IN', 'US', 'EG', 'ES'];

export function seed(extra = 30): Seed {
  const desk = new FakeDesk();
  const operator = (name: string, role: Operator['role'], availability: Operator['availability'], online = true): Operator => {
    const made: Operator = { id: desk.id(), name, email: `${name.split(' ')[0]?.toLowerCase()}@harbour.example`, role, availability, online };
    desk.operators.push(made);
    return made;
  };
  const me = operator('Operator One', 'owner', 'online');
  const colleague = operator('Operator Two', 'manager', 'busy');
  operator('Operator Three', 'operator', 'away');
  operator('Operator Four', 'operator', 'offline', false);

  const assistant: Assistant = {
    id: desk.id(),
    name: 'Beacon',
    driver: 'retrieval',
    prompt: 'You are the first voice of Harbour Supplies. Be brief, warm and exact.',
    guidance: 'Escalate when somebody is angry, mentions a lawyer, or asks about a refund above 200 euros.',
    handover: true,
    default_priority: 'normal',
    greeting: { en: 'Hi! Ask me anything about orders, delivery and returns.', de: 'Hallo! Fragen Sie mich alles zu Bestellungen.' },
    unknown_text: { en: 'I don’t know that, sorry. Shall I get a colleague?' },
    confirmation_text: { en: 'I have let the team know.' },
    version: 3,
  };
  desk.assistants.push(assistant, { ...assistant, id: desk.id(), name: 'Atlas', driver: 'openai', handover: false, version: 1 });
  desk.settings = {
    version: 7,
    helpdesk: true,
    human_support: {
      enabled: true,
      button_hidden: false,
      threshold: { count: 'assistant_replies', at_least: 3 },
      button_text: { en: 'Connect to Human Support', de: 'Mit einem Menschen sprechen' },
      transition_message: { en: 'A team member will be with you shortly.', de: 'Gleich ist jemand aus dem Team bei Ihnen.' },
      confirmation_prompt: 'Confirm briefly that a colleague has been called, in the language of the visitor.',
      waiting_label: { en: 'Waiting for a team member', de: 'Warten auf das Team' },
      connected_label: { en: 'You are talking to {name}', de: 'Sie sprechen mit {name}' },
      auto_reply: { en: 'Nobody is available right now. Leave a message and we will come back to you.', de: 'Gerade ist niemand da. Hinterlassen Sie uns eine Nachricht.' },
    },
    assign_to: 'anyone',
    contact_message_after_resolve: 'new',
    brand: { name: 'Harbour Supplies', color: '#0f766e' },
    allowed_origins: ['https://shop.example'],
    default_language: 'en',
    identity: { mode: 'open', secret_set: true },
    default_assistant: assistant.id,
  };
  for (const [title, body] of [
    ['How long does delivery take?', 'Orders placed before 14:00 leave our warehouse the same day. Within the country parcels arrive in one to two working days, elsewhere in Europe in three to five.'],
    ['Returning an item', 'You can return anything within 30 days. Print the label from your order page and bring the parcel to any post office.'],
    ['Changing a delivery address', 'Until the parcel leaves us you can change the address on the order page. After that, ask us and we try to redirect it.'],
    ['Which payment methods do you take?', 'Cards, bank transfer and invoice for companies.'],
    ['Warranty on ropes and fittings', 'Two years on fittings, one year on ropes. Keep the receipt.'],
    ['Rücksendung aus dem Ausland', 'Für Rücksendungen aus dem Ausland schicken wir Ihnen ein Etikett per E-Mail.'],
  ] as const) {
    desk.articles.push({ id: desk.id(), title, body, url: 'https://help.shop.example/articles', language: title.startsWith('Rück') ? 'de' : 'en', updated_at: desk.time(3 * DAY), version: 1 });
  }
  desk.tokens.push({ id: desk.id(), name: 'Warehouse sync', created_at: desk.time(40 * DAY), last_four: 'r7Tq' });
  desk.note(colleague, 'settings.changed', 'settings', { human_support: { enabled: true } });
  desk.note(me, 'assistant.changed', 'Beacon', ['greeting']);

  const contact = (name: string, more: Partial<Contact> = {}): Contact => {
    const made: Contact = { id: desk.id(), name, pseudonym: false, email_verified: false, online: false, identified: false, created_at: desk.time(30 * DAY), conversations: 0, ...more };
    desk.contacts.set(made.id, made);
    return made;
  };

  // A long tail of older chats.
  for (let index = 0; index < extra; index += 1) {
    const country = COUNTRIES[index % COUNTRIES.length] ?? 'NL';
    const chat = desk.open(contact(`${COLOURS[(index * 7) % COLOURS.length]} from ${country}`, { pseudonym: true, country, online: index % 7 === 0 }), assistant, { ago: 3 * HOUR + index * 47 * MINUTE, channel: ['web', 'web', 'email', 'web', 'telegram'][index % 5] ?? 'web' });
    const ago = 2 * HOUR + index * 47 * MINUTE;
    desk.contactSays(chat.row.id, ['Is the 12 mm rope in stock?', 'Do you ship to islands?', 'My invoice has the wrong VAT number', 'Kann ich auf Rechnung bestellen?', 'Where is my parcel?'][index % 5] ?? '', ago + 2 * MINUTE);
    desk.assistantSays(chat.row.id, ['Yes, 240 metres are in stock and leave today if you order before 14:00.', 'Yes. Islands take one more day.', 'I have noted it; a colleague corrects the invoice.', 'Ja, als Firma können Sie auf Rechnung bestellen.', 'It left us yesterday and should arrive tomorrow.'][index % 5] ?? '', undefined, ago);
    desk.get(chat.row.id).row.unread = 0;
    if (index % 4 === 1) desk.get(chat.row.id).row = { ...desk.get(chat.row.id).row, status: 'resolved', closed_by: { type: 'operator', id: me.id, name: me.name }, closed_at: desk.time(ago) };
    if (index % 6 === 2) desk.get(chat.row.id).row.assignee = { type: 'operator', id: colleague.id, name: colleague.name };
  }

  const mine = desk.open(contact('Visitor Seven', { email: 'visitor.seven@mail.example', online: true, country: 'DE', language: 'de', time_zone: 'Europe/Berlin' }), assistant, { ago: 52 * MINUTE });
  desk.contactSays(mine.row.id, 'Guten Tag, meine Bestellung 8812 ist nicht vollständig angekommen.', 52 * MINUTE);
  desk.assistantSays(mine.row.id, 'Das tut mir leid. Welcher Artikel fehlt denn?', undefined, 51 * MINUTE);
  desk.says(mine.row.id, me, 'Hallo, ich schaue sofort nach.');
  desk.contactSays(mine.row.id, 'Danke! Es fehlen die beiden Schäkel.', 20 * MINUTE);
  desk.get(mine.row.id).row.unread = 0;

  const flagged = desk.open(contact('Visitor Three', { email: 'three@mail.example', email_verified: true, identified: true, country: 'FR' }), assistant, { ago: 5 * HOUR, channel: 'email' });
  desk.contactSays(flagged.row.id, 'Our whole harbour waits for these moorings, when do they come?', 35 * MINUTE);
  desk.get(flagged.row.id).row = { ...desk.get(flagged.row.id).row, assignee: { type: 'nobody' }, flagged: true, answering: false };

  const returning = contact('Visitor Twelve', {
    email: 'visitor.twelve@mail.example',
    online: true,
    country: 'NL',
    time_zone: 'Europe/Amsterdam',
    language: 'en',
    page: { url: 'https://shop.example/moorings/anchor-chain', title: 'Anchor chain, 10 mm – Harbour Supplies' },
  });
  const earlier = desk.open(returning, assistant, { ago: 12 * DAY });
  desk.contactSays(earlier.row.id, 'Do you have a shop I can visit?', 12 * DAY);
  desk.assistantSays(earlier.row.id, 'Yes, at the old quay, Monday to Saturday.', undefined, 12 * DAY);
  desk.get(earlier.row.id).row = { ...desk.get(earlier.row.id).row, unread: 0, status: 'resolved' };

  const waiting = desk.open(returning, assistant, { ago: DAY + 2 * HOUR });
  const id = waiting.row.id;
  desk.contactSays(id, 'Hello! I ordered 30 m of anchor chain last week and it still has not arrived.', DAY + 2 * HOUR);
  desk.contactSays(id, 'The order number is 9471.', DAY + 2 * HOUR - MINUTE);
  desk.assistantSays(id, 'Thanks! Order 9471 left our warehouse on Thursday. Parcels over 30 kg go with a forwarder and take three to five working days.', [{ title: 'How long does delivery take?', url: 'https://help.shop.example/articles/delivery' }], DAY + 2 * HOUR - 2 * MINUTE);
  desk.commit(id, {}, [{ author: { type: 'operator', id: colleague.id, name: colleague.name }, body: { type: 'note', text: 'Forwarder says the truck broke down near Utrecht. New date is Tuesday.\nOffer 10 % off the next order if they are upset.', mentions: [] }, ago: 6 * HOUR }]);
  desk.contactSays(id, 'That was five days ago now. The boat goes into the water on Saturday, I need the chain before that!', 14 * MINUTE);
  desk.assistantSays(id, 'I understand that this is urgent. I cannot see the present position of the truck, but a colleague can. See also https://help.shop.example/articles/delivery for how forwarders work.', undefined, 13 * MINUTE);
  desk.contactSays(id, 'Then please get me a person.', 5 * MINUTE);
  desk.asksForHuman(id, 'Anchor chain not delivered', 4 * MINUTE);
  desk.assistantSays(id, 'Of course. I have called a colleague, who sees everything you wrote here.', undefined, 4 * MINUTE);

  const chatting = desk.open(contact('Eerie Lavender from NL', { pseudonym: true, online: true, country: 'NL', language: 'nl', page: { url: 'https://shop.example/ropes', title: 'Ropes' } }), assistant, { ago: 2 * MINUTE });
  desk.contactSays(chatting.row.id, 'Hi, which rope do I need for a 9 m sailing boat?', 90_000);
  return { desk, me, colleague, waiting, chatting, mine };
}

/** Many more conversations, for lists that have to be long. */
export function crowd(desk: FakeDesk, count: number): void {
  const [assistant] = desk.assistants;
  if (!assistant) throw new Error('no assistant');
  for (let index = 0; index < count; index += 1) {
    const contact: Contact = { id: desk.id(), name: `Visitor ${index + 100}`, pseudonym: true, email_verified: false, online: index % 9 === 0, identified: false, created_at: desk.time(), conversations: 0 };
    desk.contacts.set(contact.id, contact);
    const ago = 3 * DAY + index * MINUTE;
    const { row } = desk.open(contact, assistant, { ago });
    desk.commit(row.id, {}, [{ author: { type: 'contact', id: contact.id, name: contact.name }, body: message(`Question number ${index}`), ago }]);
  }
}
