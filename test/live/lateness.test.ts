import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lateness, toleranceOf } from '../../src/live/lateness.js';

describe('how late a machine is', () => {
  it('is told by its ticks, wherever they begin', () => {
    const spans = fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 300 })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3999 }), spans, fc.integer({ min: 0, max: 300 }), (phase, ticks, next) => {
        // One tick in time, and after it others, each with a second segment.
        let tick = 0;
        const times = [phase];
        for (const [after, late] of ticks) {
          tick += after;
          times.push(phase + tick * 4000 + late, phase + tick * 4000 + late + next);
        }
        const first = Math.max(0, ...ticks.map(([, late]) => late));
        expect(lateness(times, 250)).toEqual({ first, next });
      }),
    );
  });

  it('is nothing where one segment was seen, or none', () => {
    expect(lateness([], 250)).toEqual({ first: 0, next: 0 });
    expect(lateness([123_456], 1000)).toEqual({ first: 0, next: 0 });
  });

  it('is promised with a jiffy more, and with five where another processor may count the jiffies', () => {
    expect(toleranceOf({ first: 50.2, next: 20 }, 250, 1)).toEqual({ timer: 4051, next: 4020 });
    expect(toleranceOf({ first: 50.2, next: 20 }, 250, 2)).toEqual({ timer: 20_051, next: 4020 });
    expect(toleranceOf({ first: 0, next: 0 }, 300, 2)).toEqual({ timer: 16_667, next: 3334 });
  });
});
