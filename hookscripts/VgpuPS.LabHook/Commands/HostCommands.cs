using System.Text;
using VgpuPS.Core.Json;
using VgpuPS.Core.Proxmox;
using VgpuPS.Core.Rows;
using VgpuPS.Hook;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Processes;

namespace VgpuPS.LabHook.Commands;

/// <summary>What concerns the host as a whole.</summary>
internal sealed class HostCommands(LabHostNode node, Terminal terminal, TextWriter error)
{
    private const string MappingPath = "/etc/pve/mapping/pci.cfg";
    private const int LargestFile = 16 << 20;
    private const int FileMode = FileModes.Mode644;

    /// <summary>Runs <c>show</c>, <c>boot</c>, <c>mapping</c>, <c>put</c>, <c>cat</c> or <c>wait</c>.</summary>
    public async Task<int> RunAsync(LabOptionsReader options, CancellationToken cancellationToken)
    {
        var isJson = options.TakeSwitch("--json");
        if (isJson && options.Remaining is not ["show"])
        {
            throw LabOptionsReader.Wrong("--json belongs to show");
        }

        switch (options.Remaining)
        {
            case ["show"]:
                return Show(isJson);
            case ["boot"]:
                node.Host.Reboot(node.HasTiming ? LabBootSetup.Slow() : null);
                terminal.WriteLine($"node {node.Host.State.Setup.Node} has booted: VMs, functions, "
                    + "instances and /run are lost");
                return 0;
            case ["mapping", "import", var file]:
                return ImportMapping(LocalFile.Read(file, LargestFile));
            case ["put", var path, var file] when IsAbsolute(path):
                Put(path, LocalFile.Read(file, LargestFile));
                return 0;
            case ["cat", var path] when IsAbsolute(path):
                return Cat(path);
            case ["rm", var path] when IsAbsolute(path):
                return node.Host.Files.Delete(path) ? 0 : throw Missing(path, Errno.ENOENT);
            case ["wait", var seconds] when int.TryParse(seconds, CultureInfo.InvariantCulture, out var time)
                && time >= 0:
                await node.Host.WaitAsync(TimeSpan.FromSeconds(time), cancellationToken).ConfigureAwait(false);
                return 0;
            default:
                throw LabOptionsReader.Wrong($"not understood: {string.Join(' ', options.Remaining)}");
        }
    }

    /// <summary>Runs <c>vgpu-hook</c> on the host.</summary>
    public async Task<int> HookAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        if (arguments is [MetricsCommand.Name, MetricsCommand.Http])
        {
            return await node.ServeMetricsAsync(
                Console.OpenStandardInput(), Console.OpenStandardOutput(), error, cancellationToken)
                .ConfigureAwait(false);
        }

        var result = await node.RunHookAsync(arguments, cancellationToken: cancellationToken).ConfigureAwait(false);
        terminal.Output.Write(result.Output);
        error.Write(result.Error);
        return result.ExitCode ?? HookText.Software;
    }

    /// <summary>Runs a program of the host, by its name.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        if (command.Count == 0 || LabProcesses.FindProgram(command[0]) is not { } path)
        {
            throw LabOptionsReader.Wrong(
                $"the host has no program '{string.Join(' ', command.Take(1))}' that can be run by hand; it has "
                    + string.Join(", ", LabProcesses.ProgramNames));
        }

        var result = await node.Host.Processes.RunAsync(
            new ProcessRequest(path, [.. command.Skip(1)], Timeout.InfiniteTimeSpan),
            cancellationToken).ConfigureAwait(false);
        terminal.Output.Write(result.Output);
        error.Write(result.Error);
        return result.StartErrno == 0
            ? result.ExitCode ?? HookText.Software : throw Missing(path, result.StartErrno);
    }

    private int Show(bool isJson)
    {
        var report = new ReadHost(node.Connect(new HookText(terminal.Output, error, "vgpu-lab").Warn)).Run(
            new ReadHostRequest());
        if (isJson)
        {
            terminal.Output.WriteLine(JsonOutput.Write(report, HostReportJsonContext.Default.HostReport));
            return 0;
        }

        foreach (var line in HostReportText.Lines(report))
        {
            terminal.WriteLine(line);
        }

        foreach (var vm in report.Vms)
        {
            var devices = string.Join("  ", vm.HostPci.Select(d => $"{d.Key}: {d.Value}"));
            terminal.WriteLine(
                $"VM {vm.Id}  {vm.Name ?? "-"}  {vm.Status}  {devices}",
                vm.Status == "running" ? DiagramStyle.InUse : DiagramStyle.Plain);
        }

        return 0;
    }

    private int ImportMapping(byte[] content)
    {
        var mappings = PciMappings.Read(content);
        Put(MappingPath, content);
        foreach (var warning in mappings.Warnings)
        {
            error.WriteLine(warning);
        }

        terminal.WriteLine($"{mappings.ById.Count} mappings are in {MappingPath}");
        return 0;
    }

    private void Put(string path, byte[] content)
    {
        var folder = path[..path.LastIndexOf('/')];
        if (folder.Length > 0)
        {
            node.Host.Files.CreateDirectory(folder, FileModes.Mode755);
        }

        node.Host.Files.WriteWhole(path, content, FileMode);
    }

    private int Cat(string path)
    {
        try
        {
            terminal.Output.Write(Encoding.UTF8.GetString(node.Host.Files.Read(path, LargestFile)));
            return 0;
        }
        catch (HostFileException e)
        {
            throw Missing(path, e.Number);
        }
    }

    private static ObjectNotFoundException Missing(string path, int errno) => new(
        ErrorIds.DeviceNotFound, $"{path} of the host cannot be read: {Errno.Describe(errno)}",
        "see what is there: vgpu-lab show",
        path);

    private static bool IsAbsolute(string path) =>
        path.StartsWith('/') && !path.EndsWith('/') && !path.Split('/').Contains("..");
}
