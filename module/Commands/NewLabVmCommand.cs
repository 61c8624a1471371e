using VgpuPS.Core.Gpu;

namespace VgpuPS.Commands;

/// <summary>Adds VMs with a Linux guest to a simulated host, beside 101 to 104 which it begins with.</summary>
/// <example>
/// <code>New-LabVm 201,202 -Cores 12 -Memory 16GB</code>
/// <para>Adds two VMs with twelve CPUs each.</para>
/// </example>
/// <seealso cref="StartLabVmCommand"/>
/// <seealso cref="GetVgpuVmCommand"/>
[Cmdlet(VerbsCommon.New, "LabVm", SupportsShouldProcess = true, HelpUri = HelpPages.Lab)]
[OutputType(typeof(VgpuVmInfo))]
public sealed class NewLabVmCommand : SessionCommand
{
    private const int LowestId = 100;
    private const int HighestId = 999_999_999;
    private const int MostCores = 1024;

    /// <summary>Numbers that no VM of the host has yet.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("VM", "Id")]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(LowestId, HighestId)]
    public int[] VmId { get; set; } = [];

    /// <summary>Name of the VM; vm201 and the like without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidatePattern("^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$")]
    public string? Name { get; set; }

    /// <summary>CPUs of each VM; 4 without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, MostCores)]
    public int Cores { get; set; } = 4;

    /// <summary>Memory of each VM, such as 16GB; 8GB without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string Memory { get; set; } = "8GB";

    /// <summary>For scripts that have it: VMs are written as objects without it too.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(async (sink, token) =>
    {
        var memory = MemorySize.ToMiB(Memory)!.Value;
        foreach (var session in HostSessions.ForChanging(Session))
        {
            var lab = session as LabHostSession ?? throw new InvalidRequestException(
                ErrorIds.NotALab, $"'{session.Name}' is not a simulated host",
                "connect one: Connect-VgpuHost -Lab A30,A30", session.Name);
            foreach (var id in VmId)
            {
                await sink.TryAsync(() => AddAsync(sink, lab, new VmId(id), (int)memory, token)).ConfigureAwait(false);
            }
        }
    });

    private async Task AddAsync(
        ICommandSink sink, LabHostSession lab, VmId vm, int memory, CancellationToken cancellationToken)
    {
        var name = Name ?? $"vm{vm}";
        lab.RequireFree(vm);
        if (!await sink.ConfirmAsync(new ChangePlan(
            $"VM {vm}", [$"add VM {vm} ({name}) with {Cores} CPUs and {memory} MiB of memory"], []))
            .ConfigureAwait(false))
        {
            return;
        }

        lab.AddVm(vm, name, Cores, memory);
        var report = await ReadingRunner.ReadAsync(
            sink, lab, new ReadHostRequest(DriverMayBeMissing: true), cancellationToken).ConfigureAwait(false);
        foreach (var made in report.Vms.Where(v => v.Id == vm.Value))
        {
            sink.WriteObject(report.ToVm(made));
        }
    }
}
