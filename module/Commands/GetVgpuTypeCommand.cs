using VgpuPS.Core.Gpu;

namespace VgpuPS.Commands;

/// <summary>Shows vGPU types: class, frame buffer, the GPU instance that a type needs, how many there can be.</summary>
/// <example>
/// <code>Enable-Sriov 0; Get-VgpuType -Gpu 0 -Creatable</code>
/// <para>Shows what the driver would create on GPU 0 now.</para>
/// </example>
/// <example>
/// <code>Get-VgpuType *-2-12C</code>
/// <para>Shows the types of that name.</para>
/// </example>
/// <seealso cref="AddVmVgpuCommand"/>
/// <seealso cref="NewVgpuCommand"/>
[Cmdlet(VerbsCommon.Get, "VgpuType", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VgpuTypeInfo))]
public sealed class GetVgpuTypeCommand : ReadingCommand
{
    /// <summary>Types by name (A30-2-12C), number (690 or nvidia-690) or with wildcards.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("VgpuType")]
    [Identity("VgpuType")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VgpuTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Type { get; set; }

    /// <summary>GPUs: by index, UUID, address in any form, or model with wildcards.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("GpuUuid")]
    [Identity("GpuUuid")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Gpu { get; set; }

    /// <summary>A function by address: the types that can be created on it now.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("FunctionAddress")]
    [ArgumentCompleter(typeof(FunctionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Function { get; set; }

    /// <summary>A GPU instance by id: the types that run on one of its profile.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MigInstanceCompleter))]
    public uint? GpuInstanceId { get; set; }

    /// <summary>Only types of this class: the last letter of a type's name (A, B, C or Q), or the driver's word for it
    /// (Compute, Quadro, NVS).</summary>
    [Parameter]
    [ValidateSet("A", "B", "C", "Q", "Compute", "Quadro", "NVS")]
    public string[]? Class { get; set; }

    /// <summary>Only types that the driver would create now.</summary>
    [Parameter]
    public SwitchParameter Creatable { get; set; }

    private protected override IEnumerable<object> Select(HostReport report, Action<VgpuException> fail)
    {
        var gpus = FindGpus(report, Gpu, fail).ToList();
        foreach (var missing in Addresses.FindMissing(
            Function is null ? null : [Function], gpus.SelectMany(report.FunctionsOf).Select(f => f.FunctionAddress))
            .Concat(FindMissingInstances(GpuInstanceId is { } id ? [id] : null, report, gpus))
            .Concat(FindMissing(
                Type, gpus.SelectMany(report.TypesOf).SelectMany(NamesOf), ErrorIds.VgpuTypeNotFound, "vGPU type",
                "see the types: Get-VgpuType; some GPUs have none before virtual functions are enabled: Enable-Sriov")))
        {
            fail(missing);
        }

        return gpus.SelectMany(g => SelectTypes(report, g));
    }

    private IEnumerable<VgpuTypeInfo> SelectTypes(HostReport report, GpuInfo gpu)
    {
        var types = report.TypesOf(gpu).Where(t => (!Creatable || t.IsCreatable)
            && (Class is null || Class.Contains(LetterOf(t), StringComparer.OrdinalIgnoreCase)
                || Class.Contains(t.Class, StringComparer.OrdinalIgnoreCase))
            && NamesOf(t).Any(n => IsWanted(Type, n)));
        if (Function is { } address)
        {
            var offered = report.FunctionsOf(gpu).Where(f => Addresses.AreSame(address, f.FunctionAddress))
                .SelectMany(f => f.CreatableTypes).ToHashSet(StringComparer.Ordinal);
            types = types.Where(t => offered.Contains(t.VgpuType));
        }

        if (GpuInstanceId is { } id)
        {
            types = types.Where(t => t.Profile is not null
                && report.InstancesOf(gpu).FirstOrDefault(i => i.GpuInstanceId == id)?.Profile == t.Profile);
        }

        return types;
    }

    // Only the middle part of the name is free to have letters behind it: A30-1-6CME is of class C.
    private static string LetterOf(VgpuTypeInfo type)
    {
        var last = type.VgpuType.AsSpan(type.VgpuType.LastIndexOf('-') + 1).TrimStart("0123456789.");
        return last.IsEmpty ? "" : last[..1].ToString();
    }

    private static string[] NamesOf(VgpuTypeInfo type) =>
        [type.VgpuType, VgpuType.EndOf(type.VgpuType), Number(type.VgpuTypeId), $"nvidia-{type.VgpuTypeId}"];
}
