using System.Text.Json.Nodes;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Tests.Lab.Proxmox;

/// <summary>The recordings' hookscript: the operations of <c>given.hook</c>, and the odd kinds of file.</summary>
internal sealed class RecordedHook(FlatFiles files, StandInKernel kernel, LabTimeline timeline, JsonArray operations)
{
    public const string FilePath = "/peer/vz/snippets/hook.pl";

    private readonly Dictionary<string, int> _calls = new(StringComparer.Ordinal);
    private string _kind = "normal";

    /// <summary>Puts a script of that kind (<c>hookFile</c>) where the storage expects it.</summary>
    public void Install(string kind)
    {
        _kind = kind;
        files.Delete(FilePath);
        if (kind != "missing")
        {
            files.SetText(FilePath, kind);
            files.SetExecutable(FilePath, kind != "not-executable");
        }
    }

    /// <summary>Runs it.</summary>
    /// <param name="vm">First argument.</param>
    /// <param name="phase">Second argument.</param>
    /// <param name="pass">Lets simulated time pass.</param>
    public LabHookResult Run(VmId vm, string phase, Action<int> pass)
    {
        switch (_kind)
        {
            case "no-interpreter":
                Amend(ran: false);
                return new LabHookResult(127, null, "", FilePath + ": 1: not: not found\n");
            case "no-shebang":
                Amend(ran: true);
                return new LabHookResult(0, null, $"run by sh: 2 {vm} {phase}\n", "");
            case "bad-interpreter":
                Amend(ran: false);
                return new LabHookResult(null, null, "", "No such file or directory");
        }

        var call = _calls[phase] = _calls.GetValueOrDefault(phase) + 1;
        var output = "";
        var error = "";
        foreach (var operation in operations.Select(node => node!.AsObject()).Where(operation =>
            IsFor(operation, phase) && ((int?)operation["call"] ?? call) == call))
        {
            if (operation["exit"] is { } code)
            {
                return new LabHookResult((int)code, null, output, error);
            }

            if (operation["signal"] is { } signal)
            {
                return new LabHookResult(null, (int)signal, output, error);
            }

            output += (string?)operation["stdout"];
            error += (string?)operation["stderr"];
            Do(operation, vm, pass);
        }

        return new LabHookResult(0, null, output, error);
    }

    private static bool IsFor(JsonObject operation, string phase) =>
        (string?)operation["phase"] is { } wanted && (wanted == "any" || wanted == phase);

    // Such a script notes nothing of what it was given.
    private void Amend(bool ran)
    {
        var call = timeline.Events[^1];
        call["ran"] = ran;
        foreach (var noted in (string[])["argv", "env", "stdinBytes"])
        {
            call.Remove(noted);
        }
    }

    private void Do(JsonObject operation, VmId vm, Action<int> pass)
    {
        if ((string?)operation["write"] is { } attribute)
        {
            Write(attribute, (string)operation["value"]!);
        }
        else if (operation["create"]?.AsObject() is { } tree)
        {
            Create(tree);
        }
        else if ((string?)operation["set-file"] is { } file)
        {
            var text = (string)operation["value"]!;
            files.SetText(file, text);
            timeline.Record("hook-set-file", ("path", file));
            timeline.Record("conf", ("path", file), ("text", text));
        }
        else if ((string?)operation["remove"] is { } removed)
        {
            files.RemoveTree(removed);
            timeline.Record("hook-remove", ("path", removed));
        }
        else if (operation["flock-test"] is not null)
        {
            timeline.Record(
                "hook-flock", ("held", files.IsLocked($"/run/lock/qemu-server/lock-{vm}.conf")),
                ("path", $"/var/lock/qemu-server/lock-{vm}.conf"));
        }
        else if ((int?)operation["sleep"] is { } seconds)
        {
            pass(seconds);
        }
        else if ((int?)operation["background"] is { } child && (bool?)operation["detached"] is not true)
        {
            // It holds our output, and Proxmox waits for the end of that.
            pass(child);
        }
    }

    private void Write(string path, string value)
    {
        var entry = timeline.Record("hook-write", ("ok", true), ("path", path), ("value", value));
        try
        {
            kernel.Write(path, value);
        }
        catch (HostFileException)
        {
            entry["ok"] = false;
        }
    }

    private void Create(JsonObject tree)
    {
        foreach (var (path, content) in tree)
        {
            files.Add(path, content?.DeepClone());
        }

        var paths = tree.Select(entry => entry.Key).Order(StringComparer.Ordinal);
        timeline.Record("hook-create", ("paths", LabTimeline.List(paths)));
    }
}
