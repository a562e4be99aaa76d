/**
 * The rule of imports, checked by `npm run lint`: the folders of src/ from the top floor to the ground,
 * each of which may import from the ones below it, never from one above it. Type imports count.
 * Tests are exempt; src/errors.ts and src/platform/ are open to all.
 */
const floors = [
  '^src/(index|api)\\.ts$',
  '^src/cli/',
  '^src/worker/',
  '^src/model/',
  '^src/training/',
  '^src/prediction/',
  '^src/engines/',
  '^src/preprocessing/',
  '^src/weights/',
  '^src/alexnet\\.ts$',
  '^src/layers/',
  '^src/kernels/',
  '^src/backends/',
  '^src/(platform/|errors\\.ts$)',
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...floors.slice(1).map((floor, i) => ({
      name: `up from ${floor.replace(/[\\^$]/g, '')}`,
      comment:
        'Declare what is needed where the lower of the two lives, or pass it in as a function.',
      severity: 'error',
      from: { path: floor, pathNot: '\\.test\\.ts$' },
      to: { path: floors.slice(0, i + 1).join('|') },
    })),
    {
      name: 'src imports only src',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|build|bench|examples)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
