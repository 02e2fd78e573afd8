import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The monitor page: `npm run build:monitor` puts it into `dist/monitor`, from where the server serves it at `/`. */
export default defineConfig({
  root: 'src/monitor',
  plugins: [react()],
  build: {
    outDir: '../../dist/monitor',
    emptyOutDir: true,
    // Every asset a file of its own: the page's policy allows none that is written into it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
