import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** The page's own accent; white text on the sixth shade has a contrast of 5.4. */
const iris: MantineColorsTuple = ['#f0f1ff', '#e1e4fd', '#c2c7f8', '#a0a8f1', '#838dea', '#6d79e5', '#4a59d9', '#3f4dc4', '#3541a8', '#2a348a'];
/** Neutrals with a little blue in them; Mantine's own greys look dull beside the accent. */
const gray: MantineColorsTuple = ['#f7f8fa', '#f0f2f5', '#e4e7ec', '#d3d8e0', '#b9c0cc', '#949dac', '#697386', '#4b5567', '#333c4c', '#1c2430'];
const dark: MantineColorsTuple = ['#dfe3ea', '#b5bccb', '#8f99ab', '#69748a', '#3b4455', '#2c3443', '#222936', '#191f2a', '#131820', '#0d1117'];

/** The library's red is too light for words on white. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: { '--mantine-color-error': 'var(--bad)' },
  dark: { '--mantine-color-error': 'var(--bad)' },
});

export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: { light: 6, dark: 6 },
  colors: { iris, gray, dark },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'Inter, "Segoe UI Variable Text", "Segoe UI", -apple-system, BlinkMacSystemFont, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.375rem' }, h2: { fontSize: '1.0625rem' }, h3: { fontSize: '0.9375rem' } } },
  components: {
    Badge: { defaultProps: { tt: 'none' } },
    Button: { defaultProps: { size: 'sm' } },
    Tooltip: { defaultProps: { openDelay: 350, withinPortal: true } },
    Menu: { defaultProps: { shadow: 'md', withinPortal: true, transitionProps: { duration: 90 } } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45 }, transitionProps: { duration: 120 } } },
    TextInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm' } },
  },
});
