import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  // Where supergraph/server/landing.py serves this folder's assets; the page itself is at /graphql.
  base: '/graphiql/',
  plugins: [react()],
  build: {
    // The editor alone is larger than vite's usual warning limit.
    chunkSizeWarningLimit: 8000,
    sourcemap: false,
    rolldownOptions: {
      onwarn(warning, warn) {
        // React's compiler runtime carries a directive that means nothing in a bundle.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
  worker: { format: 'es' },
});
