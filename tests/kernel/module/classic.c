// SPDX-License-Identifier: GPL-2.0
/* Classic mediated devices on a virtual function. */
#include <linux/delay.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <linux/vfio.h>
#include "standin.h"

struct mediated {
	struct vfio_device vdev;
	struct function *function;
};

static int mediated_init(struct vfio_device *vdev)
{
	return 0;
}

static int mediated_open(struct vfio_device *vdev)
{
	struct mediated *own = container_of(vdev, struct mediated, vdev);

	mutex_lock(&standin_lock);
	standin_hold(own->function);
	mutex_unlock(&standin_lock);
	return 0;
}

static void mediated_close(struct vfio_device *vdev)
{
	struct mediated *own = container_of(vdev, struct mediated, vdev);

	mutex_lock(&standin_lock);
	own->function->holder = 0;
	mutex_unlock(&standin_lock);
}

static long mediated_ioctl(struct vfio_device *vdev, unsigned int command, unsigned long argument)
{
	return -ENOTTY;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
static void mediated_release(struct vfio_device *vdev)
{
	vfio_free_device(vdev);
}
#endif

static const struct vfio_device_ops mediated_ops = {
	.name = "nvidia-vgpu-vfio",
	.init = mediated_init,
	.open_device = mediated_open,
	.close_device = mediated_close,
	.ioctl = mediated_ioctl,
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	.release = mediated_release,
#else
	.bind_iommufd = vfio_iommufd_emulated_bind,
	.unbind_iommufd = vfio_iommufd_emulated_unbind,
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
#endif
};

static ssize_t vgpu_params_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	struct mediated *own = dev_get_drvdata(dev);

	return sysfs_emit(text, "%s\n", own->function->params);
}

static ssize_t vgpu_params_store(struct device *dev, struct device_attribute *attribute, const char *text,
				 size_t length)
{
	struct mediated *own = dev_get_drvdata(dev);

	return standin_set_params(own->function, text, length);
}

static DEVICE_ATTR_RW(vgpu_params);
static struct attribute *device_attributes[] = { &dev_attr_vgpu_params.attr, NULL };
static const struct attribute_group device_group = { .name = "nvidia", .attrs = device_attributes };

static const struct vgpu_type *type_of(struct function *function, struct mdev_type *mtype)
{
	return &standin_types[mtype - function->mtypes];
}

static int classic_probe(struct mdev_device *mdev)
{
	struct mediated *own;
	struct function *function;
	int error;

	if (slow_create_ms)
		msleep(slow_create_ms);
	mutex_lock(&standin_lock);
	function = standin_find_function(mdev->type->parent->dev);
	/* A function takes one vGPU: the mediated device core's own word for that is a driver's ENOSPC. */
	error = !function ? -ENODEV : function->type ? -ENOSPC
		: standin_create(function, type_of(function, mdev->type));
	if (!error) {
		function->is_mediated = true;
		guid_copy(&function->uuid, &mdev->uuid);
	}
	mutex_unlock(&standin_lock);
	if (error)
		return error;

	own = vfio_alloc_device(mediated, vdev, &mdev->dev, &mediated_ops);
	error = PTR_ERR_OR_ZERO(own);
	if (!error) {
		own->function = function;
		error = vfio_register_emulated_iommu_dev(&own->vdev);
		if (error)
			vfio_put_device(&own->vdev);
	}
	if (error) {
		mutex_lock(&standin_lock);
		standin_destroy(function);
		mutex_unlock(&standin_lock);
		return error;
	}
	dev_set_drvdata(&mdev->dev, own);
	error = sysfs_create_group(&mdev->dev.kobj, &device_group);
	if (error) {
		vfio_unregister_group_dev(&own->vdev);
		mutex_lock(&standin_lock);
		standin_destroy(function);
		mutex_unlock(&standin_lock);
		vfio_put_device(&own->vdev);
	}
	return error;
}

static void classic_remove(struct mdev_device *mdev)
{
	struct mediated *own = dev_get_drvdata(&mdev->dev);

	if (slow_remove_ms)
		msleep(slow_remove_ms);
	sysfs_remove_group(&mdev->dev.kobj, &device_group);
	vfio_unregister_group_dev(&own->vdev); /* waits until nobody has it open */
	mutex_lock(&standin_lock);
	standin_destroy(own->function);
	mutex_unlock(&standin_lock);
	vfio_put_device(&own->vdev);
}

static unsigned int classic_available(struct mdev_type *mtype)
{
	struct function *function;
	bool can = false;

	mutex_lock(&standin_lock);
	function = standin_find_function(mtype->parent->dev);
	if (function)
		can = standin_can_create(function, type_of(function, mtype));
	mutex_unlock(&standin_lock);
	return can;
}

static ssize_t classic_description(struct mdev_type *mtype, char *text)
{
	struct function *function = standin_find_function(mtype->parent->dev);
	const struct vgpu_type *type = type_of(function, mtype);

	return sysfs_emit(text, "num_heads=1, frl_config=60, framebuffer=%uM, max_resolution=4096x2160, max_instance=%u\n",
			  type->framebuffer_mib, type->max);
}

static struct mdev_driver classic_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.driver = { .name = "nvidia-vgpu-vfio", .owner = THIS_MODULE, .mod_name = KBUILD_MODNAME },
	.probe = classic_probe,
	.remove = classic_remove,
	.get_available = classic_available,
	.show_description = classic_description,
};

int classic_register_driver(void)
{
	return mdev_register_driver(&classic_driver);
}

void classic_unregister_driver(void)
{
	mdev_unregister_driver(&classic_driver);
}

int classic_add(struct function *function)
{
	unsigned int i;
	int error;

	function->mtypes = kcalloc(standin_type_count, sizeof(*function->mtypes), GFP_KERNEL);
	function->mtype_pointers = kcalloc(standin_type_count, sizeof(*function->mtype_pointers), GFP_KERNEL);
	if (!function->mtypes || !function->mtype_pointers)
		return -ENOMEM;
	for (i = 0; i < standin_type_count; i++) {
		function->mtypes[i].sysfs_name = standin_types[i].sysfs_name;
		function->mtypes[i].pretty_name = standin_types[i].name;
		function->mtype_pointers[i] = &function->mtypes[i];
	}
	error = mdev_register_parent(&function->parent, &function->pdev->dev, &classic_driver,
				     function->mtype_pointers, standin_type_count);
	return error;
}

void classic_drop(struct function *function)
{
	mdev_unregister_parent(&function->parent);
}
