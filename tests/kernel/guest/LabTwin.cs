using VgpuPS.Core.Gpu;
using VgpuPS.Host;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;

namespace VgpuPS.KernelBed.Guest;

/// <summary>A host that the same is done to: the guest's kernel, or the simulated host.</summary>
/// <param name="Name">Which of both.</param>
/// <param name="Files">Its files.</param>
/// <param name="Gpu">Address of its first GPU.</param>
/// <param name="Ports">The host as use cases see it.</param>
internal sealed record Twin(string Name, IHostFiles Files, string Gpu, HostPorts Ports)
{
    /// <summary>The GPU's folder.</summary>
    internal string Folder => $"/sys/bus/pci/devices/{Gpu}";

    /// <summary>Address of a function by its link.</summary>
    internal string Function(int index) => Path.GetFileName(Files.ReadLink($"{Folder}/virtfn{index}"))
        ?? throw new InvalidOperationException($"{Name} has no function {index}.");

    /// <summary>A function's folder.</summary>
    internal string FunctionFolder(int index) => $"/sys/bus/pci/devices/{Function(index)}";

    /// <summary>Switches MIG mode, with functions off.</summary>
    internal void SetMigMode(bool enabled)
    {
        using var driver = Ports.Driver.Open();
        driver.SetMigMode(PciAddress.Parse(Gpu), enabled);
    }

    /// <summary>Makes a GPU instance.</summary>
    internal void MakeInstance(string profile, int start)
    {
        using var driver = Ports.Driver.Open();
        var found = driver.GetProfiles(PciAddress.Parse(Gpu)).First(p => p.Name == profile);
        driver.CreateInstance(PciAddress.Parse(Gpu), found.Id, new Placement(start, found.MemorySlices));
    }

    /// <summary>Text of an attribute, or the call and errno that reading it gave.</summary>
    internal string Read(string path)
    {
        try
        {
            return System.Text.Encoding.UTF8.GetString(Files.Read(path, 1 << 16));
        }
        catch (HostFileException e)
        {
            return $"{e.Operation}: errno {e.Number}";
        }
    }

    /// <summary>What a write gave: success, or the call and errno.</summary>
    internal string Write(string path, string value)
    {
        try
        {
            Files.WriteAttribute(path, value);
            return Success;
        }
        catch (HostFileException e)
        {
            return Refused(e.Operation, e.Number);
        }
    }

    internal const string Success = "success";

    internal static string Refused(string call, int errno) => $"{call}: {Errno.Describe(errno)}";
}

/// <summary>The guest and a simulated host of the same GPUs, side by side.</summary>
internal sealed class LabTwin
{
    private readonly Bed _bed;
    private readonly LabHost _lab;

    internal LabTwin(Bed bed, string model = "A30")
    {
        _bed = bed;
        _lab = LabHost.Create(new LabOptions
        {
            Gpus = [.. bed.Gpus.Select(_ => model)],
            Backend = bed.IsVendor ? LabBackend.Vfio : LabBackend.Mdev,
        });
        Kernel = new Twin("kernel", bed.Machine.Files, bed.Gpus[0], bed.Connect());
        Lab = new Twin(
            "lab", _lab.Files, _lab.State.Gpus[0].Address,
            HostWiring.Connect(_lab.Nvml, _lab.Files, _lab.Processes, _lab.Clock, 1, bed.Report.Say));
    }

    internal Twin Kernel { get; }

    internal Twin Lab { get; }

    /// <summary>Functions of the first GPU on, on both.</summary>
    internal async Task EnableFunctionsAsync()
    {
        _bed.EnableFunctions(0);
        await _lab.Processes.RunAsync(
            new ProcessRequest(Bed.SriovManage, ["-e", Lab.Gpu], Timeout.InfiniteTimeSpan), CancellationToken.None);
    }

    /// <summary>Does the same to both.</summary>
    internal void Both(Action<Twin> work)
    {
        work(Kernel);
        work(Lab);
    }

    /// <summary>Checks that a write gives on both what it should.</summary>
    /// <param name="what">What is written.</param>
    /// <param name="path">Where.</param>
    /// <param name="value">The value.</param>
    /// <param name="expected">What is expected.</param>
    internal void CheckWrite(string what, Func<Twin, string> path, Func<Twin, string> value, string expected) => Both(
        twin => _bed.Report.Same($"{twin.Name}: {what}: {expected}", expected, twin.Write(path(twin), value(twin))));

    /// <summary>Checks that a write of the same text gives on both what it should.</summary>
    internal void CheckWrite(string what, Func<Twin, string> path, string value, string expected) =>
        CheckWrite(what, path, _ => value, expected);

    /// <summary>Checks that an attribute reads the same on both.</summary>
    internal void CheckRead(string what, Func<Twin, string> path)
    {
        var (kernel, lab) = (Kernel.Read(path(Kernel)), Lab.Read(path(Lab)));
        _bed.Report.Check($"{what} reads the same", kernel == lab, $"kernel '{kernel}', lab '{lab}'");
    }
}
