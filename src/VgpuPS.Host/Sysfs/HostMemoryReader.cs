using VgpuPS.Core.Capacity;

namespace VgpuPS.Host.Sysfs;

/// <summary>Reads how much memory the kernel has for further VMs.</summary>
/// <remarks>Source: proc_meminfo(5), MemAvailable; facts/numa.md C9, C14 for huge pages.</remarks>
public sealed class HostMemoryReader(IHostFiles files)
{
    private const string Pages = "/sys/kernel/mm/hugepages";
    private static readonly int[] s_pageSizes = [2, 1024];

    private readonly SysfsReader _reader = new(files);

    /// <summary>Reads it.</summary>
    /// <param name="cpus">Logical CPUs that are online.</param>
    /// <returns>Null where the kernel does not say what is available.</returns>
    public HostMemory? Read(int cpus)
    {
        var line = _reader.ReadText("/proc/meminfo")?.Split('\n')
            .FirstOrDefault(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        if (line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [_, var kib, ..]
            || !long.TryParse(kib, NumberStyles.None, CultureInfo.InvariantCulture, out var available))
        {
            return null;
        }

        return new HostMemory(available / 1024, cpus)
        {
            FreePagesMiB = s_pageSizes.ToDictionary(
                s => s,
                s => s * (_reader.ReadNumber(string.Create(
                    CultureInfo.InvariantCulture, $"{Pages}/hugepages-{s * 1024}kB/free_hugepages")) ?? 0L)),
        };
    }
}
