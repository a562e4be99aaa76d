/** ESLint: the recommended rules, and the few of our own. */
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'types/*.d.ts',
      'types/*.d.cts',
      'node_modules/',
      'src/engines/wasm/assembly/*.ts',
      'src/kernels/wasm/*Binary.ts',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    rules: {
      'no-undef': 'off', // TypeScript knows the names of each environment
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  { files: ['types/*.test-d.ts'], rules: { '@typescript-eslint/no-unused-vars': 'off' } },
);
