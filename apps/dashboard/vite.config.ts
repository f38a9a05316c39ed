import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist/browser',
    emptyOutDir: true,
    // The content security policy allows no `data:` script or style, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'sign-in', test: /node_modules[\\/]@auth0/ },
            { name: 'libraries', test: /node_modules/ },
          ],
        },
      },
    },
  },
});
