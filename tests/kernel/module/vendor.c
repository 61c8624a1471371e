// SPDX-License-Identifier: GPL-2.0
/* Vendor VFIO: the function itself is the device that QEMU opens, and attributes in "nvidia" choose its type. */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/version.h>
#include <linux/vfio_pci_core.h>
#include "standin.h"

struct vendor_device {
	struct vfio_pci_core_device core;
	struct function *function;
};

static struct function *function_of(struct vfio_device *vdev)
{
	return container_of(vdev, struct vendor_device, core.vdev)->function;
}

static int vendor_open(struct vfio_device *vdev)
{
	struct vfio_pci_core_device *core = container_of(vdev, struct vfio_pci_core_device, vdev);
	struct function *function = function_of(vdev);
	int error;

	mutex_lock(&standin_lock);
	error = function->type ? 0 : -ENODEV; /* no vGPU, no device */
	if (!error)
		standin_hold(function);
	mutex_unlock(&standin_lock);
	if (error)
		return error;
	error = vfio_pci_core_enable(core);
	if (!error)
		vfio_pci_core_finish_enable(core);
	else
		function->holder = 0;
	return error;
}

static void vendor_close(struct vfio_device *vdev)
{
	vfio_pci_core_close_device(vdev);
	mutex_lock(&standin_lock);
	function_of(vdev)->holder = 0;
	mutex_unlock(&standin_lock);
}

static const struct vfio_device_ops vendor_ops = {
	.name = "nvidia-vgpu-vfio-pci",
	.init = vfio_pci_core_init_dev,
	.release = vfio_pci_core_release_dev,
	.open_device = vendor_open,
	.close_device = vendor_close,
	.ioctl = vfio_pci_core_ioctl,
	.device_feature = vfio_pci_core_ioctl_feature,
	.read = vfio_pci_core_read,
	.write = vfio_pci_core_write,
	.mmap = vfio_pci_core_mmap,
	.request = vfio_pci_core_request,
	.match = vfio_pci_core_match,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	.bind_iommufd = vfio_iommufd_physical_bind,
	.unbind_iommufd = vfio_iommufd_physical_unbind,
	.attach_ioas = vfio_iommufd_physical_attach_ioas,
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	.detach_ioas = vfio_iommufd_physical_detach_ioas,
#endif
};

/* Format: facts/host-behaviour.md 1.4. */
static ssize_t creatable_vgpu_types_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	struct function *function;
	unsigned int i;
	int length = sysfs_emit(text, "ID    : vGPU Name\n");

	mutex_lock(&standin_lock);
	function = standin_find_function(dev);
	for (i = 0; function && i < standin_type_count; i++) {
		if (!standin_can_create(function, &standin_types[i]))
			continue;
		length += sysfs_emit_at(text, length, "%-6u: %s\n", standin_types[i].id, standin_types[i].name);
	}
	mutex_unlock(&standin_lock);
	return length;
}

static ssize_t current_vgpu_type_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	struct function *function;
	u32 id = 0;

	mutex_lock(&standin_lock);
	function = standin_find_function(dev);
	if (function && function->type)
		id = function->type->id;
	mutex_unlock(&standin_lock);
	return sysfs_emit(text, "%u\n", id);
}

static int set_type(struct function *function, u32 id)
{
	const struct vgpu_type *type;

	if (id == 0) {
		if (function->holder) {
			pr_err("NVRM: Failed to delete vgpu: 0x%x (%s)\n", NV_IN_USE, pci_name(function->pdev));
			return -EIO;
		}
		standin_destroy(function);
		return 0;
	}
	type = standin_find_type(id);
	if (!type) {
		pr_err("NVRM: Failed to add vgpu create request: 0x%x (%s)\n", NV_NOT_FOUND, pci_name(function->pdev));
		return -EIO;
	}
	return standin_create(function, type);
}

static ssize_t current_vgpu_type_store(struct device *dev, struct device_attribute *attribute, const char *text,
				       size_t length)
{
	struct function *function;
	u32 id;
	int error = kstrtouint(text, 10, &id);

	if (error)
		return error;
	if (slow_create_ms && id)
		msleep(slow_create_ms);
	if (slow_remove_ms && !id)
		msleep(slow_remove_ms);
	mutex_lock(&standin_lock);
	function = standin_find_function(dev);
	error = !function ? -ENODEV : ignore_types ? 0 : set_type(function, id);
	mutex_unlock(&standin_lock);
	return error ? error : length;
}

static ssize_t vgpu_params_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	struct function *function = standin_find_function(dev);

	return sysfs_emit(text, "%s\n", function ? function->params : "");
}

static ssize_t vgpu_params_store(struct device *dev, struct device_attribute *attribute, const char *text,
				 size_t length)
{
	struct function *function = standin_find_function(dev);

	if (!function || !function->type)
		return -ENXIO;
	return standin_set_params(function, text, length);
}

static ssize_t gpu_instance_id_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	struct function *function = standin_find_function(dev);

	return function && function->type ? sysfs_emit(text, "%u\n", function->instance) : -ENXIO;
}

static ssize_t placement_id_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	struct function *function = standin_find_function(dev);

	if (!function || !function->type)
		return -ENXIO;
	return sysfs_emit(text, "%u\n", function->instance == NO_INSTANCE ? 0xffff : 0);
}

static DEVICE_ATTR_RO(creatable_vgpu_types);
static DEVICE_ATTR_RW(current_vgpu_type);
static DEVICE_ATTR_RW(vgpu_params);
static DEVICE_ATTR_RO(gpu_instance_id);
static DEVICE_ATTR_RO(placement_id);
static struct attribute *vendor_attributes[] = {
	&dev_attr_creatable_vgpu_types.attr, &dev_attr_current_vgpu_type.attr, &dev_attr_vgpu_params.attr,
	&dev_attr_gpu_instance_id.attr, &dev_attr_placement_id.attr, NULL,
};
static const struct attribute_group vendor_group = { .name = "nvidia", .attrs = vendor_attributes };

int vendor_add(struct function *function)
{
	struct vendor_device *own =
		vfio_alloc_device(vendor_device, core.vdev, &function->pdev->dev, &vendor_ops);
	int error;

	if (IS_ERR(own))
		return PTR_ERR(own);
	own->function = function;
	function->vendor = own;
	dev_set_drvdata(&function->pdev->dev, &own->core);
	error = vfio_pci_core_register_device(&own->core);
	if (error) {
		vfio_put_device(&own->core.vdev);
		return error;
	}
	error = sysfs_create_group(&function->pdev->dev.kobj, &vendor_group);
	if (error) {
		vfio_pci_core_unregister_device(&own->core);
		vfio_put_device(&own->core.vdev);
	}
	return error;
}

void vendor_drop(struct function *function)
{
	sysfs_remove_group(&function->pdev->dev.kobj, &vendor_group);
	vfio_pci_core_unregister_device(&function->vendor->core);
	vfio_put_device(&function->vendor->core.vdev);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
MODULE_IMPORT_NS("IOMMUFD");
#else
MODULE_IMPORT_NS(IOMMUFD);
#endif
