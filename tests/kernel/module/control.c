// SPDX-License-Identifier: GPL-2.0
/*
 * How the stand-in NVML library and the module know of each other, and what a real driver shows besides sysfs:
 * /dev/nvidia-standin reads as the whole state and takes one command a write; an open /dev/nvidiaN is a client of that
 * GPU; /proc/driver/nvidia has the version and each GPU's unbindLock.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "standin.h"

static struct proc_dir_entry *proc_root, *proc_gpus;

static int state_show(struct seq_file *file, void *unused)
{
	struct function *function;
	unsigned int i, j;

	mutex_lock(&standin_lock);
	for (i = 0; i < standin_gpu_count; i++) {
		struct gpu *gpu = &standin_gpus[i];
		unsigned int functions = 0;

		list_for_each_entry(function, &standin_functions, link)
			functions += function->gpu == gpu;
		seq_printf(file, "gpu %s %d %u %u %d %d\n", gpu->address, gpu->bound, gpu->generation, functions,
			   gpu->mig, gpu->mixed);
		for (j = 0; j < gpu->count; j++)
			seq_printf(file, "instance %s %u %d\n", gpu->address, gpu->instances[j].id,
				   gpu->instances[j].profile);
	}
	list_for_each_entry(function, &standin_functions, link) {
		if (!function->type)
			continue;
		seq_printf(file, "vgpu %s %s %u %d %u %d ", function->gpu->address, pci_name(function->pdev),
			   function->type->id, (int)function->instance, function->handle, function->holder);
		if (function->is_mediated)
			seq_printf(file, "%pUl", &function->uuid);
		else
			seq_puts(file, "-");
		seq_printf(file, " %s %s\n", function->params[0] ? function->params : "-",
			   function->holder && function->active[0] ? function->active : "-");
	}
	mutex_unlock(&standin_lock);
	return 0;
}

static int state_open(struct inode *inode, struct file *file)
{
	/* A misc device's open has put the device there, and seq_open() warns of that. */
	file->private_data = NULL;
	return single_open(file, state_show, NULL);
}

static int add_type(const char *text)
{
	struct vgpu_type *type = &standin_types[standin_type_count];
	int used = 0;

	if (standin_type_count == STANDIN_TYPES || !list_empty(&standin_functions))
		return -EBUSY;
	if (sscanf(text, "%u %d %u %u %u %u %n", &type->id, &type->profile, &type->framebuffer_mib, &type->max,
		   &type->max_mixed, &type->per_instance, &used) != 6 || !used)
		return -EINVAL;
	strscpy(type->name, text + used, sizeof(type->name));
	snprintf(type->sysfs_name, sizeof(type->sysfs_name), "%u", type->id);
	standin_type_count++;
	return 0;
}

static int drop_instance(struct gpu *gpu, u32 id)
{
	struct function *function;
	unsigned int i;

	list_for_each_entry(function, &standin_functions, link)
		if (function->gpu == gpu && function->type && function->instance == id)
			return -EBUSY;
	for (i = 0; i < gpu->count; i++) {
		if (gpu->instances[i].id == id) {
			gpu->instances[i] = gpu->instances[--gpu->count];
			return 0;
		}
	}
	return -ENOENT;
}

static int add_instance(struct gpu *gpu, u32 id, int profile)
{
	if (gpu->count == STANDIN_INSTANCES || !gpu->mig)
		return -ENOSPC;
	gpu->instances[gpu->count++] = (struct gpu_instance){ .id = id, .profile = profile };
	return 0;
}

/* MIG mode is switched by a reset: instances and mixed sizes go with it. */
static void reset_gpu(struct gpu *gpu, bool mig)
{
	gpu->mig = mig;
	gpu->mixed = false;
	gpu->count = 0;
	gpu->generation++;
}

static int command(char *text)
{
	char address[16];
	struct gpu *gpu;
	unsigned int number;
	int profile, used = 0;

	if (!strncmp(text, "type ", 5))
		return add_type(text + 5);
	if (sscanf(text, "gpu %15s %n", address, &used) != 1 || !used)
		return -EINVAL;
	gpu = standin_find_gpu(address);
	if (!gpu || !gpu->bound)
		return -ENODEV;
	text += used;
	if (sscanf(text, "make %u %d", &number, &profile) == 2)
		return add_instance(gpu, number, profile);
	if (sscanf(text, "drop %u", &number) == 1)
		return drop_instance(gpu, number);
	if (sscanf(text, "mixed %u", &number) == 1)
		gpu->mixed = number;
	else if (sscanf(text, "mig %u", &number) == 1)
		reset_gpu(gpu, number);
	else
		return -EINVAL;
	return 0;
}

static ssize_t state_write(struct file *file, const char __user *from, size_t length, loff_t *offset)
{
	char *text = memdup_user_nul(from, min_t(size_t, length, 255));
	int error;

	if (IS_ERR(text))
		return PTR_ERR(text);
	mutex_lock(&standin_lock);
	error = command(strim(text));
	mutex_unlock(&standin_lock);
	kfree(text);
	return error ? error : length;
}

static const struct file_operations state_operations = {
	.owner = THIS_MODULE,
	.open = state_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.write = state_write,
	.release = single_release,
};
static struct miscdevice state_node = { MISC_DYNAMIC_MINOR, "nvidia-standin", &state_operations };

static int node_open(struct inode *inode, struct file *file)
{
	struct gpu *gpu = container_of(file->private_data, struct gpu, node);
	int error;

	mutex_lock(&standin_lock);
	error = !gpu->bound ? -ENODEV : gpu->locked ? -EBUSY : 0;
	if (!error)
		gpu->users++;
	mutex_unlock(&standin_lock);
	return error;
}

static int node_release(struct inode *inode, struct file *file)
{
	mutex_lock(&standin_lock);
	container_of(file->private_data, struct gpu, node)->users--;
	mutex_unlock(&standin_lock);
	return 0;
}

static const struct file_operations node_operations = {
	.owner = THIS_MODULE,
	.open = node_open,
	.release = node_release,
};

static int version_show(struct seq_file *file, void *unused)
{
	seq_puts(file, "NVRM version: NVIDIA UNIX x86_64 Kernel Module  " STANDIN_VERSION "\n");
	return 0;
}

/* facts/host-behaviour.md 2: written 1, it reads 1 only if nobody uses the GPU. */
static ssize_t unbind_lock_write(struct file *file, const char __user *from, size_t length, loff_t *offset)
{
	struct gpu *gpu = pde_data(file_inode(file));
	struct function *function;
	unsigned int value;
	int error = kstrtouint_from_user(from, length, 10, &value);
	bool used;

	if (error)
		return error;
	mutex_lock(&standin_lock);
	used = gpu->users > 0;
	list_for_each_entry(function, &standin_functions, link)
		used |= function->gpu == gpu && function->holder;
	gpu->locked = value && !used;
	mutex_unlock(&standin_lock);
	return length;
}

static int unbind_lock_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "%d\n", ((struct gpu *)file->private)->locked);
	return 0;
}

static int unbind_lock_open(struct inode *inode, struct file *file)
{
	return single_open(file, unbind_lock_show, pde_data(inode));
}

static const struct proc_ops unbind_lock_operations = {
	.proc_open = unbind_lock_open,
	.proc_read = seq_read,
	.proc_write = unbind_lock_write,
	.proc_release = single_release,
};

int control_add_gpu(struct gpu *gpu)
{
	struct proc_dir_entry *folder = proc_mkdir(gpu->address, proc_gpus);

	if (!folder || !proc_create_data("unbindLock", 0600, folder, &unbind_lock_operations, gpu))
		return -ENOMEM;
	snprintf(gpu->node_name, sizeof(gpu->node_name), "nvidia%u", (unsigned int)(gpu - standin_gpus));
	gpu->node.minor = MISC_DYNAMIC_MINOR;
	gpu->node.name = gpu->node_name;
	gpu->node.fops = &node_operations;
	return misc_register(&gpu->node);
}

int control_start(void)
{
	proc_root = proc_mkdir("driver/nvidia", NULL);
	proc_gpus = proc_root ? proc_mkdir("gpus", proc_root) : NULL;
	if (!proc_gpus || !proc_create_single("version", 0444, proc_root, version_show))
		return -ENOMEM;
	return misc_register(&state_node);
}

void control_stop(void)
{
	unsigned int i;

	for (i = 0; i < standin_gpu_count; i++)
		misc_deregister(&standin_gpus[i].node);
	misc_deregister(&state_node);
	proc_remove(proc_root);
}
