// Run by `npm run build`, after the compiler.
import { buildClusterTemplate } from './cluster-template.ts';
import { initialiseCluster } from './pglite.ts';

await buildClusterTemplate(initialiseCluster);
