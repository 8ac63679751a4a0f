import js from '@eslint/js';
import globals from 'globals';
import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['**/dist/', '**/node_modules/', '**/*.d.ts'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  {
    rules: {
      eqeqeq: ['error', 'smart'],
      'no-eval': 'error',
      'no-implied-eval': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^(_|h$)' }],
      // Text from people reaches the pages only as text: nothing may parse a string as markup.
      'no-restricted-syntax': [
        'error',
        { selector: "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]", message: 'Build DOM nodes; never parse strings as markup.' },
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'Build DOM nodes; never parse strings as markup.' },
      ],
    },
  },
  { files: ['{shared,widget,inbox}/**/*.{ts,tsx}'], languageOptions: { globals: globals.browser } },
  { files: ['tools/**', 'e2e/**', '**/test/**', '**/*.config.{js,ts}'], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
  // Tests read markup back to see what became of it.
  { files: ['**/test/**'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['inbox/**/*.{ts,tsx}'], plugins: { 'react-hooks': hooks }, rules: hooks.configs.recommended.rules },
);
