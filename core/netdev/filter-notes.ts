import type { LoadedObject } from '../object/types.ts';
import { VNET_HEADER_SUPPORT } from '../spec/net-filters.ts';
import { propertyOf } from './chain.ts';
import type { ChainFilter } from './types.ts';

/**
 * What nothing else of a filter shows. vnet_hdr_support: net/filter-mirror.c (filter_send) puts the
 * length of the vnet header behind that of the packet; the header itself is a part of what comes,
 * and here no frame has one, so what arrives at the other end is the same.
 */
export const vnetNotes = (filter: ChainFilter): string[] =>
  propertyOf(filter, VNET_HEADER_SUPPORT) === 'on'
    ? [
        `${VNET_HEADER_SUPPORT} changes nothing that is seen here: frames have no vnet header. ` +
          'QEMU sends its length, 4 bytes, in front of each packet: who reads the device ' +
          'has to be told the same.',
      ]
    : [];

/** Variables and maps are the session's where it has the very object open. */
export const mapNotes = (
  { object }: ChainFilter,
  loaded: LoadedObject | undefined,
  isOpen: boolean,
): string[] =>
  object === undefined || loaded === undefined || isOpen || loaded.maps.length === 0
    ? []
    : [
        'Its variables and maps begin as the object has them: what you set is given to filters ' +
          'that run the open object.',
      ];
