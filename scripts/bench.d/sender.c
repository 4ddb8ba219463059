// SPDX-License-Identifier: GPL-2.0
/*
 * Sends frames through a device, and tells what it took.
 *
 *	sender cost DEVICE WARM COUNT
 *
 * sends COUNT TCP segments of three packets each that the device is to cut, or leave to the
 * next one to cut, after WARM of them; prints nanoseconds a segment in the
 * fastest of batches.
 *
 *	sender receive TAP MAC WARM COUNT
 *
 * has the TAP receive COUNT frames for that address after WARM of them, and prints nanoseconds
 * a frame. Nobody else holds such a frame, as nobody holds one that a card has received.
 *
 *	sender pdu TAP same|illegal
 *
 * plays a partner in 802.3ad on the far side of TAP until it is agreed upon, and prints the
 * nanoseconds that TAP takes to receive one more LACPDU that says the same, or one that is cut short:
 * the least of many, a quarter of a second apart.
 *
 *	sender late COMMAND
 *
 * runs a shell command and prints the most microseconds that a thread of real time has to wait for
 * the processor meanwhile: as long as softirqs or preemption are off.
 *
 *	sender failover DEVICE MICROSECONDS FILE OFF ON SINK LINK... -- STEP...
 *
 * sends a frame every so many microseconds, each of another source address, by DEVICE, which is
 * over the LINKs. A STEP is OFF:FRAMES or ON:FRAMES: that is written into FILE, upon which the
 * first link dies, or lives again, and so many frames are sent after that. A STEP of WAIT:FRAMES
 * changes nothing. Prints for each step, on a line: its name, the frames sent in it, those of
 * them that did not arrive, and the microseconds from the change to the last such loss, and until
 * the first link sends again. What SINK sends has arrived; where it is "-", what has left on a
 * link that is not dead.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_LINKS 32
#define SEGMENT 1448
/* Frames between two looks at the counters. */
#define SAMPLE 10
/* More than LACP and ARP send of their own between two looks. */
#define CHATTER 3
/* Nanoseconds of sleep that are worth their cost: frames that are due within them leave together. */
#define REST 100000
/* Frames whose time is taken together. */
#define BATCH 100
#define HEADERS (14 + 20 + 20)

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* The fastest batch: what the machine does besides, it does in other ones. */
struct fastest {
	uint64_t since;
	double mean;
};

/* To be called before each frame. Those with a number below 0 do not count. */
static void batch(struct fastest *fastest, long frame)
{
	uint64_t time;
	double mean;

	if (frame < 0 || frame % BATCH)
		return;
	time = now();
	mean = (double)(time - fastest->since) / BATCH;
	if (frame > 0 && (!fastest->mean || mean < fastest->mean))
		fastest->mean = mean;
	fastest->since = time;
}

/* A socket that sends on the device and hears nothing. */
static int open_device(const char *name)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(name) };
	int s = socket(AF_PACKET, SOCK_RAW, 0);

	if (s < 0 || !at.sll_ifindex || bind(s, (struct sockaddr *)&at, sizeof(at)))
		err(1, "%s", name);
	return s;
}

/* Ethernet, IPv4 and TCP or UDP headers of a packet with so many octets behind Ethernet's. */
static void headers(uint8_t *frame, unsigned int len, uint8_t protocol)
{
	static const uint8_t start[] = {
		2, 0, 0, 0, 9, 9, 2, 0, 0, 0, 2, 1, 8, 0,
		0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 0, 0, 0,
		198, 51, 100, 1, 203, 0, 113, 1, 0x0f, 0xa0, 0, 9,
	};
	uint32_t sum = 0;

	memset(frame, 0, HEADERS);
	memcpy(frame, start, sizeof(start));
	frame[16] = len >> 8;
	frame[17] = len;
	frame[23] = protocol;
	for (int i = 14; i < 34; i += 2)
		sum += frame[i] << 8 | frame[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	frame[24] = sum >> 8;
	frame[25] = sum;
	/* TCP: five words of header, ACK. UDP reads other things here, and nobody reads them. */
	frame[46] = 0x50;
	frame[47] = 0x10;
}

static int cost(char **arg)
{
	static struct {
		struct virtio_net_hdr hint;
		uint8_t frame[HEADERS + 3 * SEGMENT];
	} __attribute__((packed)) packet = {
		.hint = {
			.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
			.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
			.hdr_len = HEADERS,
			.gso_size = SEGMENT,
			.csum_start = 34,
			.csum_offset = 16,
		},
	};
	int s = open_device(arg[0]), on = 1;
	long warm = atol(arg[1]), count = atol(arg[2]);
	struct fastest fastest = { 0 };

	if (setsockopt(s, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)))
		err(1, "PACKET_VNET_HDR");
	headers(packet.frame, sizeof(packet.frame) - 14, 6);
	for (long i = -warm; i < count; i++) {
		batch(&fastest, i);
		if (send(s, &packet, sizeof(packet), 0) < 0)
			err(1, "send");
	}
	printf("%.1f\n", fastest.mean);
	return 0;
}

static int receive(char **arg)
{
	struct ifreq wanted = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int tap = open("/dev/net/tun", O_RDWR);
	long warm = atol(arg[2]), count = atol(arg[3]);
	struct fastest fastest = { 0 };
	uint8_t frame[60];

	strncpy(wanted.ifr_name, arg[0], IFNAMSIZ - 1);
	if (tap < 0 || ioctl(tap, TUNSETIFF, &wanted))
		err(1, "%s", arg[0]);
	/* From here on it has a carrier; let the bond hear of it. */
	sleep(15);
	headers(frame, sizeof(frame) - 14, 17);
	if (sscanf(arg[1], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", frame, frame + 1, frame + 2, frame + 3,
		   frame + 4, frame + 5) != 6)
		errx(2, "%s is no address", arg[1]);
	for (long i = -warm; i < count; i++) {
		batch(&fastest, i);
		if (write(tap, frame, sizeof(frame)) != sizeof(frame))
			err(1, "write");
	}
	printf("%.1f\n", fastest.mean);
	return 0;
}

/* How often the partner sends, and for how many times. */
#define PDU_PERIOD 250000000ull
#define PDU_COUNT 120

static int pdu(char **arg)
{
	struct ifreq wanted = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK), illegal = !strcmp(arg[1], "illegal");
	uint8_t frame[124] = {
		1, 0x80, 0xc2, 0, 0, 2, 2, 0, 0, 0, 0xb, 1, 0x88, 9, 1, 1,
		1, 20, 0, 1, 2, 0, 0, 0, 0xb, 1, 0, 7, 0, 1, 0, 1, 0x3f,
		[36] = 2, 20, [56] = 3, 16,
	};
	uint64_t least = UINT64_MAX;

	strncpy(wanted.ifr_name, arg[0], IFNAMSIZ - 1);
	if (tap < 0 || ioctl(tap, TUNSETIFF, &wanted))
		err(1, "%s", arg[0]);
	for (int i = 0; i < PDU_COUNT; i++) {
		struct timespec pause = { .tv_nsec = PDU_PERIOD };
		/* Only at the end all is agreed upon, and nothing changes. */
		int counts = i > PDU_COUNT * 3 / 4;
		size_t len = counts && illegal && i % 4 ? 60 : sizeof(frame);
		uint8_t heard[2048];
		uint64_t since;

		nanosleep(&pause, NULL);
		/* What the bond says of itself, this says of it. */
		while (read(tap, heard, sizeof(heard)) >= (ssize_t)sizeof(frame))
			if (heard[12] == 0x88 && heard[13] == 9 && heard[14] == 1)
				memcpy(frame + 38, heard + 18, 15);
		since = now();
		if (write(tap, frame, len) != (ssize_t)len)
			err(1, "write");
		since = now() - since;
		if (counts && (len < sizeof(frame)) == illegal && since < least)
			least = since;
	}
	printf("%.1f\n", (double)least);
	return 0;
}

/* From one look at the clock to the next. */
#define LOOK 20000

static int late(char **arg)
{
	struct sched_param first = { .sched_priority = 50 };
	uint64_t due, most = 0;
	pid_t child = fork();
	int status;

	if (!child) {
		struct timespec pause = { .tv_nsec = 100000000 };

		nanosleep(&pause, NULL);
		execl("/bin/sh", "sh", "-c", arg[0], NULL);
		_exit(127);
	}
	prctl(PR_SET_TIMERSLACK, 1);
	if (child < 0 || sched_setscheduler(0, SCHED_FIFO, &first))
		err(1, "real time");
	for (due = now(); !waitpid(child, &status, WNOHANG);) {
		struct timespec at;
		uint64_t time;

		due += LOOK;
		at.tv_sec = due / 1000000000;
		at.tv_nsec = due % 1000000000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
		time = now();
		if (time - due > most)
			most = time - due;
		if (time > due)
			due = time;
	}
	if (status)
		errx(1, "%s: status %d", arg[0], status);
	printf("%.1f\n", most / 1000.0);
	return 0;
}

/* Number in a file that was opened before. */
static uint64_t number(int file)
{
	char text[32] = "";

	if (pread(file, text, sizeof(text) - 1, 0) <= 0)
		err(1, "statistics");
	return strtoull(text, NULL, 10);
}

static int open_link(const char *link, const char *file, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", link, file);
	fd = open(path, flags);
	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

/* Who counts. */
struct counters {
	int link[MAX_LINKS], links, sink;
};

/* What the first link has sent, and what has arrived of all. */
struct sent {
	uint64_t first, arrived;
};

static struct sent sent(const struct counters *counters, int alive)
{
	struct sent is = { number(counters->link[0]), 0 };

	if (counters->sink >= 0) {
		is.arrived = number(counters->sink);
		return is;
	}
	if (alive)
		is.arrived = is.first;
	for (int i = 1; i < counters->links; i++)
		is.arrived += number(counters->link[i]);
	return is;
}

static void wait_until(uint64_t due)
{
	struct timespec until = { due / 1000000000, due % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static int failover(char **arg)
{
	int s = open_device(*arg++), alive = 1, file;
	uint64_t period = strtoull(*arg++, NULL, 10) * 1000;
	struct counters counters = { .sink = -1 };
	unsigned int serial = 0, least = 1;
	const char *off, *on;
	uint8_t frame[60];

	file = open_link("", *arg++, O_WRONLY);
	off = *arg++;
	on = *arg++;
	if (strcmp(*arg, "-")) {
		counters.sink = open_link(*arg, "statistics/tx_packets", O_RDONLY);
		least = CHATTER;
	}
	for (arg++; *arg && strcmp(*arg, "--") && counters.links < MAX_LINKS; arg++)
		counters.link[counters.links++] = open_link(*arg, "statistics/tx_packets", O_RDONLY);
	prctl(PR_SET_TIMERSLACK, 1);
	headers(frame, sizeof(frame) - 14, 17);
	for (arg++; *arg; arg++) {
		const char *colon = strchr(*arg, ':');
		long frames = colon ? atol(colon + 1) : 0;
		struct sent last, is;
		uint64_t start, due, rested, loss = 0, back = 0;
		long lost = 0;

		if (!colon || frames <= 0)
			errx(2, "%s is no step", *arg);
		if (strncmp(*arg, "WAIT", 4)) {
			const char *value;

			alive = !strncmp(*arg, "ON", 2);
			value = alive ? on : off;
			if (pwrite(file, value, strlen(value), 0) < 0)
				err(1, "%s", value);
		}
		last = sent(&counters, alive);
		start = rested = now();
		for (long i = 1; i <= frames; i++) {
			/*
			 * The last octets change, each otherwise, so that every hash spreads the
			 * frames, also one that takes them together.
			 */
			frame[11] = ++serial;
			frame[29] = serial >> 1;
			frame[35] = serial >> 2;
			send(s, frame, sizeof(frame), 0);
			/* To look costs as much as to send. */
			if (i % SAMPLE == 0) {
				is = sent(&counters, alive);
				if (is.arrived - last.arrived < SAMPLE) {
					lost += SAMPLE - (is.arrived - last.arrived);
					loss = now() - start;
				}
				if (!back && is.first - last.first >= least)
					back = now() - start;
				last = is;
			}
			due = start + i * period;
			if (due - rested >= REST) {
				wait_until(due);
				rested = due;
			}
		}
		printf("%.*s %ld %ld %.0f %.0f\n", (int)(colon - *arg), *arg, frames, lost,
		       loss / 1e3, back / 1e3);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "cost"))
		return cost(argv + 2);
	if (argc == 6 && !strcmp(argv[1], "receive"))
		return receive(argv + 2);
	if (argc == 4 && !strcmp(argv[1], "pdu"))
		return pdu(argv + 2);
	if (argc == 3 && !strcmp(argv[1], "late"))
		return late(argv + 2);
	if (argc > 9 && !strcmp(argv[1], "failover"))
		return failover(argv + 2);
	errx(2, "usage: sender cost DEVICE WARM COUNT | receive TAP MAC WARM COUNT | pdu TAP same|illegal | late COMMAND | failover DEVICE MICROSECONDS FILE OFF ON SINK LINK... -- STEP...");
}
