// SPDX-License-Identifier: GPL-2.0
/*
 * Says how fast this machine's time stamp counter counts, in kHz. An emulated guest reads the same
 * one.
 */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

struct reading {
	unsigned long long ticks;
	double seconds;
};

/* Both at one time, as near as can be: of several readings the one that took least. */
static struct reading now(void)
{
	struct reading best = {};
	unsigned long long least = -1ull;

	for (int i = 0; i < 100; i++) {
		unsigned long long before = __rdtsc(), after;
		struct timespec t;

		clock_gettime(CLOCK_MONOTONIC_RAW, &t);
		after = __rdtsc();
		if (after - before < least) {
			least = after - before;
			best.ticks = before + least / 2;
			best.seconds = t.tv_sec + t.tv_nsec / 1e9;
		}
	}
	return best;
}

int main(void)
{
	struct reading from = now(), to;

	nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
	to = now();
	printf("%.0f\n", (to.ticks - from.ticks) / (to.seconds - from.seconds) / 1000);
	return 0;
}
