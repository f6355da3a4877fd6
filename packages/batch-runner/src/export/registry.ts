/** ★ The export formats. */
import { audacity } from './audacity.js';
import { audformat } from './audformat.js';
import { elan } from './elan.js';
import type { ExportFormat } from './format.js';
import { rttm } from './rttm.js';
import { textgrid } from './textgrid.js';

export const EXPORTS: Readonly<
  Record<'rttm' | 'textgrid' | 'audacity' | 'elan' | 'audformat', ExportFormat>
> = { rttm, textgrid, audacity, elan, audformat };
