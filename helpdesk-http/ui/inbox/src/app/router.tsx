/** Every screen has an address: view, conversation, details, settings. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { readSearch, type QueueSearch } from '../queue/filters';
import { isView } from '../queue/views';
import { pagePath } from './base';
import { InboxScreen, NothingOpen } from './InboxScreen';
import { NotFound } from './NotFound';
import { ScreenFault } from './ScreenFault';
import { Shell } from './Shell';
import { ThreadPane } from '../thread/ThreadPane';

export interface InboxSearch extends QueueSearch {
  panel?: 'details' | undefined;
}

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/$view', params: { view: 'all' }, replace: true });
  },
});

const inbox = createRoute({
  getParentRoute: () => root,
  path: '$view',
  validateSearch: (search: Record<string, unknown>): InboxSearch => ({
    ...readSearch(search),
    ...(search['panel'] === 'details' ? { panel: 'details' } : {}),
  }),
  beforeLoad: ({ params }) => {
    if (!isView(params.view)) throw redirect({ to: '/$view', params: { view: 'all' }, replace: true });
  },
  component: InboxScreen,
});

const nothing = createRoute({ getParentRoute: () => inbox, path: '/', component: NothingOpen });
const conversation = createRoute({ getParentRoute: () => inbox, path: '$conversation', component: ThreadPane });

const settings = createRoute({
  getParentRoute: () => root,
  path: 'settings',
  component: lazyRouteComponent(() => import('../settings/SettingsScreen'), 'SettingsScreen'),
});
const settingsStart = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/settings/general', replace: true });
  },
});
const general = createRoute({ getParentRoute: () => settings, path: 'general', component: lazyRouteComponent(() => import('../settings/GeneralPage'), 'GeneralPage') });
const humanSupport = createRoute({ getParentRoute: () => settings, path: 'human-support', component: lazyRouteComponent(() => import('../settings/HumanSupportPage'), 'HumanSupportPage') });
const assistants = createRoute({ getParentRoute: () => settings, path: 'assistants', component: lazyRouteComponent(() => import('../settings/AssistantsPage'), 'AssistantsPage') });
const assistant = createRoute({ getParentRoute: () => settings, path: 'assistants/$assistant', component: lazyRouteComponent(() => import('../settings/AssistantPage'), 'AssistantPage') });
const articles = createRoute({ getParentRoute: () => settings, path: 'articles', component: lazyRouteComponent(() => import('../settings/ArticlesPage'), 'ArticlesPage') });
const article = createRoute({ getParentRoute: () => settings, path: 'articles/$article', component: lazyRouteComponent(() => import('../settings/ArticlePage'), 'ArticlePage') });
const tokens = createRoute({ getParentRoute: () => settings, path: 'tokens', component: lazyRouteComponent(() => import('../settings/TokensPage'), 'TokensPage') });
const audit = createRoute({ getParentRoute: () => settings, path: 'audit', component: lazyRouteComponent(() => import('../settings/AuditPage'), 'AuditPage') });

export const router = createRouter({
  routeTree: root.addChildren([start, inbox.addChildren([nothing, conversation]), settings.addChildren([settingsStart, general, humanSupport, assistants, assistant, articles, article, tokens, audit])]),
  basepath: pagePath || '/',
  defaultPreload: false,
  defaultErrorComponent: ScreenFault,
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
