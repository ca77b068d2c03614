// npm run generate: writes docs/reference.md from the tables of core/spec.
import { writeFileSync } from 'node:fs';
import { referenceText } from './reference-text.ts';

writeFileSync('docs/reference.md', referenceText());
