export { createLiveClient } from './live-client.ts';
