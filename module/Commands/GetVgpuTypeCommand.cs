using System.Management.Automation;
using VgpuPS.Common;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Inventory;
using VgpuPS.Core.UseCases.ShowHost;

namespace VgpuPS.Commands;

/// <summary>Shows vGPU types: class, frame buffer, the GPU instance that a type needs, how many there can be.</summary>
/// <example>
/// <code>Get-VgpuType -Gpu 0 -Creatable</code>
/// <para>Shows what the driver would create on GPU 0 now.</para>
/// </example>
/// <example>
/// <code>Get-VgpuType *-2-12C</code>
/// <para>Shows the types of that name.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "VgpuType")]
[OutputType(typeof(VgpuTypeInfo))]
public sealed class GetVgpuTypeCommand : ReadingCommand
{
    /// <summary>Types by name (A30-2-12C), number (690 or nvidia-690) or with wildcards.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("VgpuType")]
    [ArgumentCompleter(typeof(Completers.VgpuTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Type { get; set; }

    /// <summary>GPUs: by index, UUID, address in any form, or model with wildcards.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("GpuUuid")]
    [ArgumentCompleter(typeof(Completers.GpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Gpu { get; set; }

    /// <summary>A function by address: the types that can be created on it now.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("FunctionAddress")]
    [ArgumentCompleter(typeof(Completers.FunctionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Function { get; set; }

    /// <summary>A GPU instance by id: the types that run on one of its profile.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(Completers.MigInstanceCompleter))]
    public uint? GpuInstanceId { get; set; }

    /// <summary>Only types that the driver would create now.</summary>
    [Parameter]
    public SwitchParameter Creatable { get; set; }

    private protected override IEnumerable<object> Select(HostInventory inventory, Action<VgpuException> fail)
    {
        var gpus = FindGpus(inventory, Gpu, fail).ToList();
        foreach (var missing in Addresses.FindMissing(
            Function is null ? null : [Function], gpus.SelectMany(g => g.Functions).Select(f => f.Address))
            .Concat(Instances.FindMissing(GpuInstanceId is { } id ? [id] : null, gpus)))
        {
            fail(missing);
        }

        return gpus.SelectMany(g => SelectTypes(inventory, g));
    }

    private IEnumerable<VgpuTypeInfo> SelectTypes(HostInventory inventory, GpuReport gpu)
    {
        var types = inventory.TypesOf(gpu).Where(t => (!Creatable || t.IsCreatable) && IsNamed(t));
        if (Function is { } address)
        {
            var offered = inventory.FunctionsOf(gpu).Where(f => Addresses.AreSame(address, f.FunctionAddress))
                .SelectMany(f => f.CreatableTypes).ToHashSet(StringComparer.Ordinal);
            types = types.Where(t => offered.Contains(t.VgpuType));
        }

        if (GpuInstanceId is { } id)
        {
            types = types.Where(t => t.Profile is not null
                && gpu.Instances.FirstOrDefault(i => i.Id == id)?.Profile == t.Profile);
        }

        return types;
    }

    private bool IsNamed(VgpuTypeInfo type) => IsWanted(Type, type.VgpuType) || IsWanted(Type, Number(type.VgpuTypeId))
        || IsWanted(Type, $"nvidia-{type.VgpuTypeId}");
}
