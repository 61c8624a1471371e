using VgpuPS.Core.Advice;
using VgpuPS.Host.Operations.Advice;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Models;

namespace VgpuPS.Commands;

/// <summary>Recommends how GPUs should be shared among tenants: which in time slices, which in GPU instances, which
/// vGPU for whom, with expected figures and reasons. Changes nothing.</summary>
/// <remarks>
/// A tenant has a name, a count of VMs, memory (6GB), and yes or no to guarantee (the same performance whatever the
/// others do), burst (the whole GPU while the others idle), unifiedMemory, allSMs (all SMs visible), liveMigration and
/// encoder; kernels are small, large or unknown; vmId names its VMs. All but memory may be missing. What VMs have on
/// the GPUs already stays, and VMs of tenants that have vGPUs there are not counted again.
/// Figures are those that were measured on the host (-Measurement), else the article's as ratios on Ampere boards, else
/// not known.
/// </remarks>
/// <example>
/// <code>[pscustomobject]@{ Name = 'dev'; Count = 4; Memory = '6GB'; Guarantee = 'yes' } | Get-VgpuAdvice</code>
/// <para>Recommends for four developers who need the same figures in each run.</para>
/// </example>
/// <example>
/// <code>
/// Set-Content tenants.csv 'Name,Count,Memory,Burst,VmId', 'chat,2,12GB,yes,"101,102"'
/// Import-Csv tenants.csv | Get-VgpuAdvice | Sync-VgpuLayout -WhatIf
/// (Import-Csv tenants.csv | Get-VgpuAdvice).Assignments | Add-VmVgpu -WhatIf
/// </code>
/// <para>Goes on from a table of tenants to the layout and the VMs.</para>
/// </example>
/// <example>
/// <code>
/// Set-Content tenants.json '{ "tenants": [ { "name": "train", "count": 7, "memory": "10GB" } ] } // all of them'
/// Get-VgpuAdvice -Path tenants.json -Model A100-80 -Count 2 -All
/// </code>
/// <para>Ranks the ways of sharing two A100 that nobody has bought yet.</para>
/// </example>
/// <seealso cref="SyncVgpuLayoutCommand"/>
/// <seealso cref="AddVmVgpuCommand"/>
/// <seealso cref="GetVgpuCapacityCommand"/>
[Cmdlet(VerbsCommon.Get, "VgpuAdvice", HelpUri = HelpPages.Measuring)]
[OutputType(typeof(VgpuAdviceInfo))]
public sealed class GetVgpuAdviceCommand : SessionCommand
{
    private const int MaxBoards = 64;

    private readonly List<Tenant> _tenants = [];
    private readonly List<VgpuException> _failures = [];
    private int _number;

    /// <summary>Tenants, as objects, hashtables or lines of a CSV file.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public PSObject[]? Tenant { get; set; }

    /// <summary>A JSON file of tenants on this machine; comments are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>GPUs: by index, UUID, address in any form, or model with wildcards. All without it.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Gpu { get; set; }

    /// <summary>A model of GPUs that no host needs to have (A30): the advice is for boards of it, with MIG mode
    /// off.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabModelCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Model { get; set; }

    /// <summary>How many boards of -Model; 1 without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, MaxBoards)]
    public int Count { get; set; } = 1;

    /// <summary>Results of Measure-VgpuPerformance, live or of a file, for the expected figures.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNull]
    public PSObject[]? Measurement { get; set; }

    /// <summary>Writes the alternatives too, ranked.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>Leaves stopped VMs aside: their vGPUs may be in the way when they start.</summary>
    [Parameter]
    public SwitchParameter IgnoreStopped { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var row in Tenant ?? [])
        {
            _number++;
            try
            {
                _tenants.Add(TenantRows.Read(row, _number));
            }
            catch (VgpuException e)
            {
                _failures.Add(e);
            }
        }
    }

    /// <summary>Tenants are weighed once all have come down the pipe.</summary>
    protected override void EndProcessing()
    {
        var path = Path is null ? null : GetUnresolvedProviderPathFromPSPath(Path);
        Run((sink, token) => sink.TryAsync(async () =>
        {
            if (_failures.Count > 0)
            {
                _failures.ForEach(sink.WriteFailure);
                return;
            }

            CheckParameters();
            var tenants = path is null ? _tenants : TenantRows.ReadFile(path);
            RequireTenants(tenants, path);
            TenantRows.Check(tenants);
            var measured = ReadMeasurements();
            var hosts = Model is { } model ? [await ReadModelAsync(sink, model, token).ConfigureAwait(false)]
                : await ReadHostsAsync(sink, token).ConfigureAwait(false);
            if (hosts.Count > 0)
            {
                Write(sink, new VgpuAdvisor(tenants, hosts, measured));
            }
        }));
        base.EndProcessing();
    }

    private void Write(ICommandSink sink, VgpuAdvisor advisor)
    {
        var ranked = advisor.Advise();
        if (ranked.Count == 0 && advisor.ExplainNothing() is { Count: 0 })
        {
            sink.WriteWarning(
                $"all VMs of the tenants have vGPUs already ({string.Join(", ", advisor.Served)}) and keep them; "
                    + $"for other ones: Remove-VmVgpu {string.Join(",", advisor.Served)}");
            return;
        }

        if (ranked.Count == 0)
        {
            throw new CapacityException(
                ErrorIds.TenantsNotServed,
                "no tenant can be served: " + string.Join("; ", advisor.ExplainNothing()),
                Model is null ? "ask for less, or see what is free: Get-VgpuCapacity"
                    : "ask for less, or name more boards (-Count) or another model (-Model)");
        }

        foreach (var row in ranked.Take(All ? int.MaxValue : 1).SelectMany(a => a))
        {
            sink.WriteObject(row);
        }

        if (ranked[0][0].Unsatisfied.Where(g => !g.IsPlaced).ToList() is { Count: > 0 } left)
        {
            sink.WriteWarning("not all tenants have a place: " + string.Join("; ", left));
        }
    }

    private void CheckParameters()
    {
        if (Path is not null && _number > 0)
        {
            throw new InvalidRequestException(
                ErrorIds.ConflictingParameters, $"the tenants of {Path} are named, and others are given",
                "omit -Path, or pipe nothing in", Path);
        }

        if (Model is not null && (Session is not null || Gpu is not null))
        {
            throw new InvalidRequestException(
                ErrorIds.ConflictingParameters, $"-Model {Model} is named, and GPUs of hosts are",
                "omit -Model, or -Session and -Gpu", Model);
        }

        if (Model is null && MyInvocation.BoundParameters.ContainsKey(nameof(Count)))
        {
            throw new InvalidRequestException(
                ErrorIds.MissingParameter, $"-Count {Count} says how many boards, and no -Model which",
                "name one, such as -Model A30 -Count 2; how many VMs is a member of a tenant");
        }
    }

    private IReadOnlyList<VgpuPerformanceInfo> ReadMeasurements()
    {
        if (Measurement is null)
        {
            return [];
        }

        var reader = new MeasurementReader("-Measurement");
        reader.Add(Measurement);
        return reader.Results;
    }

    private static void RequireTenants(IReadOnlyList<Tenant> tenants, string? path)
    {
        if (tenants.Count == 0)
        {
            throw new InvalidRequestException(
                ErrorIds.MissingParameter, path is null ? "no tenant is given" : $"{path} has no tenants",
                "pipe some in (Import-Csv tenants.csv | Get-VgpuAdvice), or name a file: -Path tenants.json", path);
        }
    }

    /// <summary>GPUs of a model as a host would have them on its first day.</summary>
    private async Task<AdviceHost> ReadModelAsync(ICommandSink sink, string model, CancellationToken token)
    {
        if (!GpuModel.Names.Any(n => GpuModel.Load(n).IsNamed(model)))
        {
            var known = GpuModel.Names.Select(n => GpuModel.Load(n).Aliases.FirstOrDefault(n)).ToList();
            throw new InvalidRequestException(
                ErrorIds.LabModelNotFound,
                $"no GPU model '{model}' is known{NearestName.Suggest(model, known)}; known are "
                    + string.Join(", ", known),
                "name one of them, or connect a host that has it: Connect-VgpuHost", model);
        }

        var node = LabHosts.Check.Make(LabHost.Create, new LabOptions { Gpus = [model] });
        var name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Count} x {model}");
        var host = await new LabHostSession(name, node).RunAsync(
            HostUseCases.ReadAdviceHost, new ReadAdviceHostRequest(), new SinkObserver(sink, name), token)
            .ConfigureAwait(false);
        var boards = Enumerable.Repeat(host.Gpus, Count).SelectMany(g => g);
        return new AdviceHost(
            [.. boards.Select((g, i) => g with { Index = i, Uuid = "", Address = "", Functions = [] })], []);
    }

    private async Task<IReadOnlyList<AdviceHost>> ReadHostsAsync(ICommandSink sink, CancellationToken token)
    {
        var request = new ReadAdviceHostRequest { Gpus = Gpu, IgnoreStopped = IgnoreStopped };
        var hosts = await ReadingRunner.GatherAsync(
            sink, HostSessions.ForReading(Session), HostUseCases.ReadAdviceHost, request, token).ConfigureAwait(false);
        return [.. hosts.Select(h => h.Answer)];
    }
}
