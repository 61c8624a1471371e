using VgpuPS.Lab.Files;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Platform;
using LabNode = VgpuPS.LabHook.LabHostNode;

namespace VgpuPS.Tests.Operations.Doctor;

/// <summary>A fault that is put into a host that is otherwise well, and the one finding that it must bring.</summary>
/// <param name="Id">The finding.</param>
/// <param name="Inject">Puts it in.</param>
/// <param name="Options">What the host is made of; null for the usual one.</param>
internal sealed record HostFault(string Id, Action<LabNode> Inject, LabOptions? Options = null)
{
    public const string Gpu = "0000:4b:00.0";
    public const string Function = "0000:4b:00.4";
    public const string Snippet = "/var/lib/vz/snippets/vgpu-hook";
    public const string TimeSliced = "nvidia-686";

    /// <summary>What tells apart faults with one finding.</summary>
    public string Name { get; init; } = Id;

    public LabNode Make()
    {
        var node = LabNode.Create(Options ?? new LabOptions { WithVms = true });
        Inject(node);
        return node;
    }

    public static HostFault Set(string id, Action<LabState> change, LabOptions? options = null) =>
        new(id, node => node.Host.Edit(change), options);

    public static HostFault Boots(string id, Action<LabState> change, LabOptions? options = null) => new(id, node =>
    {
        node.Host.Edit(change);
        node.Host.Reboot();
    }, options);

    public static HostFault Log(string id, string line) => Set(id, s => s.KernelLog.Add(line));

    public static HostFault Journal(string id, string line) =>
        Set(id, s => s.Platform.Journals["nvidia-vgpu-mgr.service"] = [line]);

    public static HostFault File(
        string id, string path, string text, int mode = LabEntry.FileMode, LabOptions? options = null) =>
        new(id, node => node.Host.Put(path, text, mode), options);

    /// <summary>A VM with the hook and a vGPU entry.</summary>
    public static HostFault Vm(string id, string entry, Action<LabNode>? also = null) => new(id, node =>
    {
        CreateVm(node, 201, entry);
        also?.Invoke(node);
    });

    /// <summary>Adds a VM with the hook, whose file is there.</summary>
    public static void CreateVm(LabNode node, int vm, string entry)
    {
        node.Host.Put(Snippet, LabVms.HookMark, LabEntry.FolderMode);
        node.CreateVm(new(vm), $"0={entry}");
    }

    public static void EnableFunctions(LabNode node) =>
        node.Host.Edit(s => s.Gpus.ForEach(g => g.FunctionCount = g.Model.TotalFunctions));

    public static void SetMig(LabState state) => state.Gpus[0].MigCurrent = state.Gpus[0].MigPending = true;

    public static void AddInstance(LabState state)
    {
        SetMig(state);
        state.Gpus[0].Instances.Add(new LabGpuInstance { Id = 3, Serial = 900, Profile = 14, Start = 0, Size = 1 });
    }

    public static void Remove(LabState state, string path) => LabTree.Remove(state, path);

    public static void SetGrub(LabState state, string words, bool isBroughtToLoader)
    {
        LabDisk.Write(state, LabDisk.Grub, $"GRUB_CMDLINE_LINUX_DEFAULT=\"{words}\"\n");
        if (isBroughtToLoader)
        {
            LabBootTool.Install(state);
        }
    }
}
