namespace VgpuPS.Lab.Proxmox;

/// <summary>QEMU's <c>-device</c> arguments of the passed devices.</summary>
/// <remarks>
/// Source: recordings for pcie=1, hostpci0, 1, 3, 5 and 9 without it, enable-migration; PVE::QemuServer::PCI
/// print_hostpci_devices. Assumed: hostpci2, which lies between 1 and 3, and the others as 5 and 9 lie; the
/// multifunction form, and the options after it.
/// </remarks>
internal static class DeviceArguments
{
    private static readonly string[] s_slots = ["0x10", "0x11", "0x1b", "0x1c"];

    /// <summary>The arguments, in the order of the lines' numbers.</summary>
    public static IReadOnlyList<string> For(VmId vm, IEnumerable<ChosenDevice> devices)
    {
        var arguments = new List<string>();
        foreach (var device in devices.OrderBy(device => device.Entry.Index))
        {
            var isMultifunction = !device.IsClassicMdev && device.Functions.Count > 1;
            var count = device.IsClassicMdev ? 1 : device.Functions.Count;
            for (var i = 0; i < count; i++)
            {
                arguments.Add("-device");
                arguments.Add(One(vm, device, i, isMultifunction));
            }
        }

        return arguments;
    }

    private static string One(VmId vm, ChosenDevice device, int function, bool isMultifunction)
    {
        var entry = device.Entry;
        var suffix = isMultifunction ? string.Create(CultureInfo.InvariantCulture, $".{function}") : "";
        var text = new StringBuilder("vfio-pci,");
        text.Append(device.IsClassicMdev
            ? $"sysfsdev={PvePaths.MdevDevices}/{MdevUuid.ForVm(vm, entry.Index)}"
            : $"host={device.Functions[function]}");
        text.Append(device.IsLiveMigrationCapable ? ",enable-migration=on" : "");
        text.Append(CultureInfo.InvariantCulture, $",id={entry.Key}{suffix},{Slot(entry)}{suffix}");
        if (function == 0)
        {
            text.Append(entry.ShowsRom ? "" : ",rombar=0");
            text.Append(entry.IsPrimaryDisplay ? ",x-vga=on" : "");
            text.Append(isMultifunction ? ",multifunction=on" : "");
            text.Append(entry.Properties.TryGetValue("romfile", out var rom) ? $",romfile=/usr/share/kvm/{rom}" : "");
            foreach (var option in (string[])["vendor-id", "device-id", "sub-vendor-id", "sub-device-id"])
            {
                text.Append(entry.Properties.TryGetValue(option, out var id) ? $",x-pci-{option}={id}" : "");
            }
        }

        return text.ToString();
    }

    private static string Slot(HostPciEntry entry) => entry switch
    {
        { IsPcie: true } => string.Create(
            CultureInfo.InvariantCulture, $"bus=ich9-pcie-port-{entry.Index + 1},addr=0x0"),
        { Index: < 4 } => "bus=pci.0,addr=" + s_slots[entry.Index],
        _ => string.Create(CultureInfo.InvariantCulture, $"bus=pci.2,addr=0x{entry.Index + 9:x}"),
    };
}
