/*
 * The least that answers a TCMU ring: a disk in a file, one command after the other, in one thread. What tgtd is measured against in scenarios/tcmu-speed.sh.
 * tcmu-handler UIO FILE
 */
#include <fcntl.h>
#include <linux/target_core_user.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static uint8_t *map;
static int file;
static uint64_t blocks;

static uint64_t get(const uint8_t *p, int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | *p++;
	return value;
}

static void put(uint8_t *p, uint64_t value, int bytes)
{
	while (bytes--) {
		p[bytes] = value;
		value >>= 8;
	}
}

static void scatter(const struct iovec *iov, int count, const void *from, size_t length)
{
	for (int i = 0; i < count && length; i++) {
		size_t part = iov[i].iov_len < length ? iov[i].iov_len : length;

		memcpy(map + (size_t)iov[i].iov_base, from, part);
		from = (const char *)from + part;
		length -= part;
	}
}

static size_t inquiry(const uint8_t *cdb, uint8_t *answer)
{
	if (!(cdb[1] & 1)) {
		answer[2] = 5;
		answer[3] = 2;
		answer[4] = 31;
		answer[7] = 2;
		memcpy(answer + 8, "LAB     TCMU-HANDLER    0001", 28);
		return 36;
	}
	answer[1] = cdb[2];
	switch (cdb[2]) {
	case 0x00:
		answer[3] = 2;
		answer[5] = 0x83;
		return 6;
	case 0x83:
		answer[3] = 12;
		answer[4] = 1;
		answer[5] = 3;
		answer[7] = 8;
		put(answer + 8, 0x5001405000000001, 8);
		return 16;
	}
	return 0;
}

static int transfer(const uint8_t *cdb, const struct iovec *iov, int count)
{
	off_t at = (cdb[0] < 0x80 ? get(cdb + 2, 4) : get(cdb + 2, 8)) * 512;
	int writes = cdb[0] == 0x2a || cdb[0] == 0x8a;

	for (int i = 0; i < count; i++) {
		void *data = map + (size_t)iov[i].iov_base;
		ssize_t done = writes ? pwrite(file, data, iov[i].iov_len, at) : pread(file, data, iov[i].iov_len, at);

		if (done != (ssize_t)iov[i].iov_len)
			return 0;
		at += iov[i].iov_len;
	}
	return 1;
}

static void answer_command(struct tcmu_cmd_entry *entry)
{
	const uint8_t *cdb = map + entry->req.cdb_off;
	const struct iovec *iov = (const void *)((const char *)entry + offsetof(struct tcmu_cmd_entry, req.iov));
	int count = entry->req.iov_cnt, key = 0, code = 0;
	uint8_t answer[512] = { 0 };
	size_t length = 0;

	switch (cdb[0]) {
	case 0x00: case 0x01: case 0x1b: case 0x1e: case 0x35: case 0x91:
		break;
	case 0x12:
		length = inquiry(cdb, answer);
		if (!length)
			key = 5, code = 0x24;
		break;
	case 0x1a:
		answer[0] = 3;
		length = 4;
		break;
	case 0x5a:
		answer[1] = 6;
		length = 8;
		break;
	case 0x25:
		put(answer, blocks - 1, 4);
		put(answer + 4, 512, 4);
		length = 8;
		break;
	case 0x9e:
		put(answer, blocks - 1, 8);
		put(answer + 8, 512, 4);
		length = 32;
		break;
	case 0x28: case 0x2a: case 0x88: case 0x8a:
		if (!transfer(cdb, iov, count))
			key = 3, code = 0x11;
		break;
	default:
		key = 5, code = 0x20;
	}

	scatter(iov, count, answer, length);
	entry->rsp.scsi_status = key ? 2 : 0;
	if (key) {
		memset(entry->rsp.sense_buffer, 0, TCMU_SENSE_BUFFERSIZE);
		entry->rsp.sense_buffer[0] = 0x70;
		entry->rsp.sense_buffer[2] = key;
		entry->rsp.sense_buffer[7] = 10;
		entry->rsp.sense_buffer[12] = code;
	}
	if (length) {
		entry->rsp.read_len = length;
		entry->hdr.uflags |= TCMU_UFLAG_READ_LEN;
	}
}

int main(int argc, char **argv)
{
	char path[256];
	unsigned long size;
	struct stat stat;

	if (argc != 3)
		return fprintf(stderr, "tcmu-handler UIO FILE\n"), 2;
	snprintf(path, sizeof path, "/sys/class/uio/%s/maps/map0/size", argv[1]);
	FILE *sizes = fopen(path, "r");
	if (!sizes || fscanf(sizes, "%lx", &size) != 1)
		return perror(path), 1;
	snprintf(path, sizeof path, "/dev/%s", argv[1]);
	int uio = open(path, O_RDWR);
	file = open(argv[2], O_RDWR);
	if (uio < 0 || file < 0 || fstat(file, &stat))
		return perror(uio < 0 ? path : argv[2]), 1;
	map = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, uio, 0);
	if (map == MAP_FAILED)
		return perror("mmap"), 1;
	blocks = stat.st_size / 512;

	struct tcmu_mailbox *mailbox = (void *)map;
	for (;;) {
		uint32_t happening, zero = 0;
		int answered = 0;

		while (mailbox->cmd_tail != *(volatile uint32_t *)&mailbox->cmd_head) {
			__sync_synchronize();
			struct tcmu_cmd_entry *entry = (void *)(map + mailbox->cmdr_off + mailbox->cmd_tail);
			int operation = tcmu_hdr_get_op(entry->hdr.len_op);

			if (operation == TCMU_OP_CMD)
				answer_command(entry);
			else if (operation != TCMU_OP_PAD && operation != TCMU_OP_TMR)
				entry->hdr.uflags |= TCMU_UFLAG_UNKNOWN_OP;
			__sync_synchronize();
			*(volatile uint32_t *)&mailbox->cmd_tail = (mailbox->cmd_tail + tcmu_hdr_get_len(entry->hdr.len_op)) % mailbox->cmdr_size;
			answered = 1;
		}
		if (answered && write(uio, &zero, 4) != 4)
			return perror("write"), 1;
		if (*(volatile uint32_t *)&mailbox->cmd_head == mailbox->cmd_tail && read(uio, &happening, 4) != 4)
			return 0;
	}
}
