/** One widget's whole state and what can be done with it. The view draws it; it knows nothing of the view. */
import { RequestError, offline } from '@helpdesk/shared/http';
import { createOutbox, type Delivered, type Outbox, type OutboxItem } from '@helpdesk/shared/outbox';
import { keyValue } from '@helpdesk/shared/storage';
import { createTransport, type StopReason, type TransportState } from '@helpdesk/shared/transport';
import { fill } from '@helpdesk/shared/translate';
import type { ContactConversation, Entry, Paged, Session, WidgetSettings } from '@helpdesk/shared/wire';
import type { Config } from '../config';
import { followLogs, type Log } from './logs';
import { sessionKeeper } from './session';
import { unstoredChat, type UnstoredChat } from './unstored-chat';

export interface DeskHooks {
  /** Something to draw has changed. */
  changed(): void;
  /** Something that the host may want to know has happened. */
  emit(name: string, detail?: unknown): void;
  /** A whole message of somebody else has come, or a notice: to be read out. */
  announce(author: string, text: string): void;
}

const TYPING_SHOWN_MS = 5_000;
const TYPING_SAID_MS = 3_000;
/** A tab that nobody sees gives its socket back after this, unless it is the one that listens for all. */
const HIDDEN_MS = 60_000;
/** Before the first session: as much as the view asks of it. */
const UNKNOWN = { helpdesk: true, greeting: '', connected_label: '', assistant: { name: '' }, brand: { name: '', color: '' }, text_limit: 10_000 } as WidgetSettings;
/** Open conversations that are followed at a time, the newest first. */
const FOLLOWED = 5;

const newestFirst = (a: ContactConversation, b: ContactConversation): number => b.last_activity_at.localeCompare(a.last_activity_at);
/** Control characters but tab and line feed are refused by the server; pasted text has them. */
const clean = (text: string): string => text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\t\n]/gu, '').trim();

/** What an error is called, towards the host and in the choice of words. */
const codeOf = (error: unknown): string => (error instanceof RequestError ? error.code : 'offline');

export type Desk = ReturnType<typeof createDesk>;

export function createDesk(config: Config, { changed, emit, announce }: DeskHooks) {
  const prefix = `helpdesk:${config.key}:`;
  const local = keyValue('local', prefix);
  const page = keyValue('session', prefix);
  const desk = {
    config,
    open: !!page.get('open'),
    screen: 'chat' as 'chat' | 'history',
    settings: local.get<WidgetSettings>('settings') ?? UNKNOWN,
    /** Newest activity first. */
    conversations: [] as ContactConversation[],
    /** The conversation in view; none: the next message opens one. */
    current: page.get<string>('current') ?? null,
    line: 'idle' as TransportState,
    /** Why there is no line and will be none. */
    stopped: undefined as StopReason | undefined,
    /** A passing notice: the name of its text. */
    notice: undefined as string | undefined,
    /** Who is writing in the conversation in view. */
    typing: undefined as string | undefined,
    unread: 0,
    /** The visitor was asked whether the conversation shall end. */
    ending: false,
    /** The text in the composer: it outlives the panel. */
    text: page.get<string>('text') ?? '',

    get log(): Log | undefined {
      return desk.current ? logs.get(desk.current) : undefined;
    },
    get summary(): ContactConversation | undefined {
      return desk.log?.summary ?? desk.conversations.find(({ id }) => id === desk.current);
    },
    get outbox(): Outbox {
      return outbox;
    },
    get unstored(): UnstoredChat {
      return unstored;
    },

    start,
    show,
    hide,
    send,
    typed,
    human,
    end,
    pick,
    history,
    identify,
    reset,
    stop,
    seen,
  };
  let typingTimer: ReturnType<typeof setTimeout> | undefined;
  let typingSaid = 0;
  /** The visitor has asked for a new conversation: the next message does not join an open one. */
  let fresh = false;
  /** The last read mark that was sent. */
  let marked = '';
  /** Of a visitor's tabs one keeps its socket while it is hidden: a browser's lock says which. */
  let leads = false;
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  const life = new AbortController();

  const session = sessionKeeper(config, local, forgetConversations, opened);
  const transport = createTransport({
    base: config.base,
    token: async (renew) => (await (renew ? session.renew() : session.ensure())).token,
    state(state, reason) {
      const was = desk.line;
      desk.line = state;
      desk.stopped = reason;
      if (state === 'live') {
        // Marks that were on their way when the line broke may be lost.
        marked = '';
        outbox.kick();
        emit('connected');
      } else if (was === 'live') emit('disconnected');
      if (reason) {
        emit('error', { code: reason });
        if (reason === 'token' && config.identity) {
          // Who the host says they are is not believed: they can still be somebody unknown.
          config.identity = '';
          transport.start();
        }
      }
      seen();
      changed();
    },
  });
  const logs = followLogs(transport, page, { changed: logChanged, typing: somebodyTypes, gone });
  const outbox = createOutbox({ storage: local, deliver, changed });
  const unstored = unstoredChat(config.base, session, page, (answer) => {
    if (answer?.author === 'assistant') {
      announce(desk.settings.assistant.name, answer.text);
      emit('message', { author: { type: 'assistant' }, text: answer.text });
    }
    changed();
  }, (text) => {
    unstored.clear();
    send(text);
  });

  // ---- the session and the conversations it brings ----------------------------------------------------------

  function opened(next: Session): void {
    desk.settings = next.settings;
    desk.conversations = [];
    adoptAll(next.conversations);
    if (desk.current && !logs.get(desk.current)) pick(null, true);
    if (!next.settings.helpdesk && outbox.items.length) {
      // The desk was switched off while this waited: it is asked where nothing is kept.
      const text = outbox.items.map((item) => item.text).join('\n');
      outbox.clear();
      void unstored.ask(text);
    }
    if (!wake()) transport.stop();
    changed();
  }

  /** The newest word on the conversations: the open ones are followed, and one of them is in view unless the visitor wants another. */
  function adoptAll(list: ContactConversation[]): void {
    list.forEach(adopt);
    const open = desk.conversations.filter(({ status }) => status !== 'resolved');
    for (const { id } of open.slice(0, FOLLOWED)) logs.follow(id);
    if (!desk.current && !fresh) pick((open[0] ?? desk.conversations.find(({ unread }) => unread))?.id ?? null, true);
    if (list.length) local.set('talked', true);
    count();
    changed();
  }

  async function refresh(): Promise<void> {
    try {
      await session.ensure();
      adoptAll((await session.request<Paged<ContactConversation>>('GET', 'widget/conversations?limit=200')).items);
    } catch {
      // What is known stays in view; the next time asks again.
    }
  }

  function start(): void {
    // What the page before showed is shown at once, and while there is no line.
    if (desk.current) logs.follow(desk.current);
    // Somebody who has written may have an answer waiting. Whoever has not is asked for once, for the colour of the button.
    if (desk.open || local.get('talked') || config.identity || outbox.items.length) transport.start();
    else if (desk.settings === UNKNOWN) session.ensure().catch(() => {});
    addEventListener('storage', elsewhere, life);
    addEventListener('visibilitychange', looked, life);
    // Where there are no locks no tab leads.
    navigator.locks
      ?.request(prefix, life, () => {
        leads = true;
        wake();
        return new Promise((release) => (life.signal.onabort = release));
      })
      .catch(() => {});
  }

  /** Visitors with nothing to hear of hold no socket until they open the chat. */
  function wake(): boolean {
    const wanted = desk.settings.helpdesk && (desk.open || !!outbox.items.length || desk.conversations.some(({ status }) => status !== 'resolved'));
    if (wanted) transport.start();
    return wanted;
  }

  /** The visitor has come to this tab, or has left it. */
  function looked(): void {
    clearTimeout(hiddenTimer);
    if (document.hidden) {
      hiddenTimer = setTimeout(() => {
        if (!leads) transport.stop();
      }, HIDDEN_MS);
    } else wake();
    seen();
  }

  /** The visitor has left in another tab: they have left here too. */
  function elsewhere(event: StorageEvent): void {
    if (event.key === `${prefix}token` && event.newValue === null && session.token) reset();
  }

  function forgetConversations(): void {
    logs.clear();
    outbox.clear();
    unstored.clear();
    local.clear();
    const { open } = desk;
    page.clear();
    page.set('open', open || undefined);
    marked = '';
    clearTimeout(typingTimer);
    Object.assign(desk, { conversations: [], current: null, typing: undefined, notice: undefined, text: '', screen: 'chat' });
    fresh = false;
  }

  function adopt(conversation: ContactConversation): void {
    const { id } = conversation;
    const known = desk.conversations.find((one) => one.id === id);
    if (known && known.version > conversation.version) return;
    desk.conversations = [conversation, ...desk.conversations.filter((one) => one !== known)].sort(newestFirst);
  }

  function gone(id: string): void {
    desk.conversations = desk.conversations.filter((one) => one.id !== id);
    if (desk.current === id) pick(null, true);
    count();
    changed();
  }

  function logChanged(id: string, log: Log, news: Entry[]): void {
    const before = desk.conversations.find((one) => one.id === id)?.assignee;
    if (log.summary) adopt(log.summary);
    outbox.settle(id, log.entries);
    const assignee = log.summary?.assignee;
    if (assignee && before && assignee.type !== before.type) emit('assigned', { conversation: id, assignee });
    for (const { author, body } of news) {
      if (author.type === 'operator' && id === desk.current) stopTyping();
      if (body.type === 'message' && author.type !== 'contact') {
        announce(author.name ?? '', body.text);
        emit('message', { conversation: id, author, text: body.text });
      } else if (body.type === 'activity' && body.text) announce('', body.text);
      else if (body.type === 'activity' && body.kind === 'claimed') {
        announce('', fill(desk.settings.connected_label, { name: assignee?.name ?? '' }));
      }
    }
    seen();
    count();
    changed();
  }

  function count(): void {
    const unread = desk.conversations.reduce((sum, one) => sum + one.unread, 0);
    if (unread === desk.unread) return;
    desk.unread = unread;
    emit('unread', { count: unread });
  }

  /** What is in front of the visitor's eyes is read. */
  function seen(): void {
    const { log, current } = desk;
    const last = log?.entries.at(-1)?.seq;
    if (!desk.open || desk.screen !== 'chat' || document.visibilityState === 'hidden' || !current || !last || !log.summary?.unread) return;
    if (marked === current + last || !transport.notify({ type: 'read', conversation: current, seq: last })) return;
    marked = current + last;
    logs.patch(current, { unread: 0 });
  }

  // ---- typing ---------------------------------------------------------------------------------------------

  function stopTyping(): void {
    clearTimeout(typingTimer);
    desk.typing = undefined;
  }

  function somebodyTypes(id: string, name: string): void {
    if (id !== desk.current) return;
    stopTyping();
    desk.typing = name;
    typingTimer = setTimeout(() => {
      stopTyping();
      changed();
    }, TYPING_SHOWN_MS);
    changed();
  }

  function typed(text: string): void {
    desk.text = text;
    page.set('text', text || undefined);
    desk.notice = undefined;
    desk.ending = false;
    const now = Date.now();
    if (text && desk.current && now - typingSaid >= TYPING_SAID_MS && transport.notify({ type: 'typing', conversation: desk.current })) typingSaid = now;
    changed();
  }

  // ---- writing --------------------------------------------------------------------------------------------

  function send(raw: string): boolean {
    const text = clean(raw).slice(0, desk.settings.text_limit);
    if (!text) return false;
    if (!desk.settings.helpdesk) {
      if (unstored.busy) return false;
      void unstored.ask(text);
    } else if (!outbox.add(text, desk.current, desk.log?.entries.at(-1)?.seq ?? 0, fresh || undefined)) {
      desk.notice = 'failed';
      changed();
      return false;
    } else transport.start();
    typingSaid = 0;
    typed('');
    emit('sent', { text });
    return true;
  }

  async function deliver(item: OutboxItem): Promise<Delivered> {
    try {
      await session.ensure();
      return (item.conversation && (await deliverTo(item, item.conversation))) || (await begin(item));
    } catch (error) {
      if ((error as Partial<RequestError>).status === 401 || codeOf(error) === 'helpdesk_off') {
        // What this page knows of the visitor or of the desk is out of date.
        await session.renew();
        throw offline();
      }
      throw error;
    }
  }

  /** Nothing if the conversation has ended: the message begins another. */
  async function deliverTo({ client_id, text }: OutboxItem, conversation: string): Promise<Delivered | undefined> {
    try {
      if (desk.line === 'live') return await transport.request({ type: 'send', client_id, conversation, text });
      const { entry } = await session.request<{ entry: Entry }>('POST', `widget/conversations/${conversation}/messages`, { client_id, text });
      return { conversation, seq: entry.seq };
    } catch (error) {
      if (codeOf(error) === 'conversation_resolved') return undefined;
      throw error;
    }
  }

  async function begin({ client_id, text, fresh: apart, conversation: ended }: OutboxItem): Promise<Delivered> {
    const body = { client_id, text, new: apart };
    const { conversation, entry } = await session.request<{ conversation: ContactConversation; entry: Entry }>('POST', 'widget/conversations', body);
    local.set('talked', true);
    logs.begin(conversation, entry);
    adopt(conversation);
    if (desk.current === ended) {
      fresh = false;
      pick(conversation.id, true);
    }
    return { conversation: conversation.id, seq: entry.seq };
  }

  /** The visitor asks for a person, or ends the conversation. */
  async function ask(what: 'human' | 'end'): Promise<void> {
    const id = desk.current;
    if (!id) return;
    const button = desk.summary?.human_button;
    desk.notice = undefined;
    logs.patch(id, { human_button: false });
    try {
      const { conversation } = await session.request<{ conversation: ContactConversation }>('POST', `widget/conversations/${id}/${what}`, {});
      const { status, human_button, takeover_requested_at } = conversation;
      // Entries come with the live change; only what the view shows beside them is taken from here.
      logs.patch(id, { status, human_button, takeover_requested_at });
      emit(what, { conversation: id });
    } catch {
      desk.notice = 'failed';
      logs.patch(id, { human_button: button });
    }
    changed();
  }

  function human(): void {
    void ask('human');
  }

  /** Ends the conversation when it is said twice: the first time the view asks. */
  function end(): void {
    desk.ending = !desk.ending;
    if (desk.ending) changed();
    else void ask('end');
  }

  // ---- what is in view ------------------------------------------------------------------------------------

  function pick(id: string | null, byItself?: boolean): void {
    desk.current = id;
    page.set('current', id ?? undefined);
    fresh = !id && !byItself;
    desk.ending = false;
    stopTyping();
    if (id) logs.follow(id);
    if (!byItself) desk.screen = 'chat';
    seen();
    changed();
  }

  function show(): void {
    if (desk.open) return;
    desk.open = true;
    page.set('open', true);
    if (desk.settings.helpdesk || !session.token) transport.start();
    // Another tab may have begun a conversation.
    if (local.get('talked')) void refresh();
    seen();
    emit('open');
    changed();
  }

  function hide(): void {
    if (!desk.open) return;
    desk.open = false;
    page.set('open', undefined);
    emit('close');
    changed();
  }

  function history(): void {
    desk.screen = 'history';
    void refresh();
    changed();
  }

  // ---- who the visitor is ---------------------------------------------------------------------------------

  function identify(token: string): void {
    config.identity = token;
    transport.stop();
    session.expire();
    transport.start();
  }

  /** Leaves no trace of this visitor on this page and in this browser. */
  function leave(): void {
    config.identity = '';
    transport.stop();
    session.forget();
    forgetConversations();
    page.clear();
    desk.open = false;
    desk.unread = 0;
  }

  function reset(): void {
    leave();
    emit('unread', { count: 0 });
    changed();
  }

  /** Ends this widget; `forget` when the visitor has left, not only this element. */
  function stop(forget: boolean): void {
    if (forget) leave();
    else {
      transport.stop();
      logs.clear();
    }
    life.abort();
  }

  return desk;
}
