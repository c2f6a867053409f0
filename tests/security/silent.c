/* SPDX-License-Identifier: MIT */
/*
 * A file system of uid 4001's with one file under every name, whose content never comes: silent
 * FOLDER. As root, in a mount namespace of its own; it stands for fusermount3 -o allow_other.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int device;

static void reply(uint64_t unique, int error, const void *what, size_t size)
{
	struct fuse_out_header head = { (uint32_t)(sizeof head + size), error, unique };
	char text[256];

	memcpy(text, &head, sizeof head);
	if (size)
		memcpy(text + sizeof head, what, size);
	if (write(device, text, sizeof head + size) < 0)
		perror("silent");
}

static struct fuse_attr attr(uint64_t inode)
{
	return (struct fuse_attr){ .ino = inode,
				   .nlink = 1,
				   .uid = 4001,
				   .gid = 4001,
				   .size = inode == 1 ? 0 : 100,
				   .mode = inode == 1 ? S_IFDIR | 0755 : S_IFREG | 0644,
				   .blksize = 4096 };
}

static void serve(const struct fuse_in_header *in)
{
	struct fuse_init_out init = { .major = 7, .minor = 31, .max_write = 4096 };
	struct fuse_entry_out entry = { .nodeid = 2, .entry_valid = 99, .attr_valid = 99 };
	struct fuse_attr_out attrs = { .attr_valid = 99, .attr = attr(in->nodeid) };
	struct fuse_open_out opened = { .fh = 1 };

	entry.attr = attr(2);
	if (in->opcode == FUSE_INIT)
		reply(in->unique, 0, &init, sizeof init);
	else if (in->opcode == FUSE_LOOKUP)
		reply(in->unique, 0, &entry, sizeof entry);
	else if (in->opcode == FUSE_GETATTR)
		reply(in->unique, 0, &attrs, sizeof attrs);
	else if (in->opcode == FUSE_OPEN || in->opcode == FUSE_OPENDIR)
		reply(in->unique, 0, &opened, sizeof opened);
	else if (in->opcode != FUSE_READ && in->opcode != FUSE_FORGET
		 && in->opcode != FUSE_INTERRUPT && in->opcode != FUSE_BATCH_FORGET)
		reply(in->unique, -ENOSYS, NULL, 0);
}

int main(int argc, char **argv)
{
	static char in[1 << 17];
	char options[128];

	device = open("/dev/fuse", O_RDWR);
	snprintf(options, sizeof options,
		 "fd=%d,rootmode=40000,user_id=4001,group_id=4001,allow_other", device);
	if (argc != 2 || mount("silent", argv[1], "fuse.silent", MS_NOSUID | MS_NODEV, options)) {
		perror("silent");
		return 1;
	}
	while (read(device, in, sizeof in) > 0 || errno == EINTR || errno == ENOENT)
		serve((struct fuse_in_header *)in);
	return 0;
}
