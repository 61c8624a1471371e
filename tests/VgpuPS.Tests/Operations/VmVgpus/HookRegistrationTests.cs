using VgpuPS.Core.Errors;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Operations.VmVgpus;

public sealed class HookRegistrationTests
{
    private const string Snippet = "/var/lib/vz/snippets/vgpu-hook";
    private const string Other = "/var/lib/vz/snippets/pin.sh";

    private readonly VmLab _lab = new();

    private static RegisterVgpuHookRequest Register => new() { Vm = "web" };

    private static UnregisterVgpuHookRequest Unregister => new() { Vm = "web" };

    [Fact]
    public void A_vm_gets_the_hook_and_loses_it_again()
    {
        var text = _lab.Text(101);
        var done = _lab.Do(HostUseCases.RegisterVgpuHook, Register);
        Assert.Equal(101, Assert.Single(done.Objects).VmId);
        Assert.Equal("local:snippets/vgpu-hook", _lab.Line(101, "hookscript"));
        Assert.Equal((LabVms.HookMark, true), (_lab.ReadFile(Snippet), _lab.Host.Files.GetInfo(Snippet)!.IsExecutable));
        Assert.Empty(_lab.Do(HostUseCases.RegisterVgpuHook, Register).Plan.Steps);

        _lab.Do(HostUseCases.UnregisterVgpuHook, Unregister);
        Assert.Equal(text, _lab.Text(101));
        Assert.Empty(_lab.Do(HostUseCases.UnregisterVgpuHook, Unregister).Plan.Steps);
    }

    [Theory]
    [InlineData("old version", true)]
    [InlineData(LabVms.HookMark, false)]
    public void A_file_that_is_not_right_is_written_again(string content, bool isExecutable)
    {
        _lab.Do(HostUseCases.RegisterVgpuHook, Register);
        _lab.PutFile(Snippet, content, isExecutable);
        Assert.StartsWith(
            "write the hook", Assert.Single(_lab.Do(HostUseCases.RegisterVgpuHook, Register).Plan.Steps),
            StringComparison.Ordinal);
        Assert.True(_lab.Ports.HookFiles.Find(Snippet)!.IsRight);
    }

    [Fact]
    public void The_storage_that_has_the_file_comes_before_local()
    {
        _lab.PutFile("/etc/pve/storage.cfg", Storages)
            .PutFile("/mnt/pve/shared/snippets/vgpu-hook", LabVms.HookMark, isExecutable: true)
            .Do(HostUseCases.RegisterVgpuHook, Register);
        Assert.Equal("shared:snippets/vgpu-hook", _lab.Line(101, "hookscript"));
    }

    [Fact]
    public void A_storage_can_be_named()
    {
        _lab.PutFile("/etc/pve/storage.cfg", Storages).Do(
            HostUseCases.RegisterVgpuHook, Register with { Storage = "shared" });
        Assert.Equal("shared:snippets/vgpu-hook", _lab.Line(101, "hookscript"));
        Assert.Equal(LabVms.HookMark, _lab.ReadFile("/mnt/pve/shared/snippets/vgpu-hook"));
        _lab.Do(HostUseCases.RegisterVgpuHook, Register with { Storage = "local" });
        Assert.Equal("local:snippets/vgpu-hook", _lab.Line(101, "hookscript"));
        Assert.Null(_lab.ReadFile(Situation.Settings));
    }

    [Theory]
    [InlineData("nowhere", typeof(ObjectNotFoundException), "pvesm status")]
    [InlineData("plain", typeof(HostNotReadyException), "pvesm set plain --content iso,snippets")]
    [InlineData("off", typeof(HostNotReadyException), "disabled")]
    [InlineData("elsewhere", typeof(HostNotReadyException), "pve1")]
    [InlineData("lvm", typeof(HostNotReadyException), "no folder")]
    public void A_storage_that_cannot_hold_it_is_refused(string storage, Type type, string word)
    {
        _lab.PutFile("/etc/pve/storage.cfg", Storages);
        var before = _lab.Snapshot;
        var refusal = Assert.ThrowsAny<VgpuException>(
            () => _lab.Plan(HostUseCases.RegisterVgpuHook, Register with { Storage = storage }));
        Assert.Equal((ErrorIds.NoSnippetStorage, type, before), (refusal.ErrorId, refusal.GetType(), _lab.Snapshot));
        Assert.Contains(word, $"{refusal.Message} {refusal.RecommendedAction}", StringComparison.Ordinal);
    }

    [Fact]
    public void No_storage_with_snippets_is_refused_with_the_command_that_allows_them() => _lab
        .PutFile("/etc/pve/storage.cfg", "dir: local\n\tpath /var/lib/vz\n\tcontent iso,backup\n\n")
        .Refuses<HostNotReadyException, RegisterVgpuHookRequest>(
            HostUseCases.RegisterVgpuHook, Register, ErrorIds.NoSnippetStorage,
            "pvesm set local --content iso,backup,snippets");

    /// <summary>A hook of another version or name would call ours, and ours would call it.</summary>
    [Fact]
    public void A_hook_of_another_version_under_another_name_is_replaced_and_not_chained()
    {
        _lab.With(101, "hookscript: local:snippets/vgpu-hook-0.0.9").PutFile(
            "/var/lib/vz/snippets/vgpu-hook-0.0.9",
            "\u007fELF" + string.Join('\0', "usage: vgpu-hook VMID PHASE ".ToCharArray()), isExecutable: true);
        _lab.Do(HostUseCases.RegisterVgpuHook, Register);
        Assert.Equal("local:snippets/vgpu-hook", _lab.Line(101, "hookscript"));
        Assert.Null(_lab.ReadFile(Situation.Settings));
    }

    [Theory]
    [InlineData("#!/bin/sh\nexec /usr/lib/vgpups/vgpu-hook \"$@\"\n", true)]
    [InlineData("#!/bin/sh\n[ -x /x ] && vgpu-hook $1 $2; echo done\n", true)]
    [InlineData("#!/bin/sh\nH=/usr/lib/vgpups/vgpu-hook\n$H \"$@\"\n", true)]
    [InlineData("#!/usr/bin/perl\nsystem('/root/gpu', @ARGV);\n", true)]
    [InlineData("#!/bin/sh\n# no longer calls vgpu-hook\necho vgpu-hooked /root/pin\n", false)]
    public void A_hookscript_that_calls_the_hook_is_not_chained(string text, bool calls)
    {
        _lab.With(101, "hookscript: local:snippets/pin.sh").PutFile(Other, text, isExecutable: true).PutFile(
            "/root/gpu", "\u007fELF" + string.Join('\0', "usage: vgpu-hook VMID PHASE ".ToCharArray()),
            isExecutable: true);
        if (calls)
        {
            _lab.Refuses<InvalidRequestException, RegisterVgpuHookRequest>(
                HostUseCases.RegisterVgpuHook, Register, ErrorIds.HookscriptUnusable, "calls vgpu-hook itself");
        }
        else
        {
            Assert.Contains(_lab.Plan(HostUseCases.RegisterVgpuHook, Register).Plan.Steps,
                p => p.StartsWith("chain", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Another_hookscript_is_chained_and_restored()
    {
        var settings = "{\n  \"sriov\": \"never\",\n\n  \"timeoutSeconds\":   90\n}\n";
        _lab.With(101, "hookscript: local:snippets/pin.sh").PutFile(Other, "#!/bin/sh\n", isExecutable: true)
            .PutFile(Situation.Settings, settings);
        var text = _lab.Text(101);
        var calls = new List<string>();
        _lab.Host.Processes.Programs[Other] = request =>
        {
            calls.Add(string.Join(' ', request.Arguments));
            return new(0, null, false, 0, "", "");
        };
        _lab.Do(HostUseCases.RegisterVgpuHook, Register);
        Assert.Equal(
            "{\n  \"sriov\": \"never\",\n\n  \"timeoutSeconds\":   90,\n  \"chain\": {\n    \"101\": { \"path\": \""
            + Other + "\", \"order\": \"after\" }\n  }\n}\n",
            _lab.ReadFile(Situation.Settings));
        _lab.Start(101);
        Assert.Equal(["101 pre-start", "101 post-start"], calls);
        _lab.Node.StopAndCleanUp(101);

        _lab.Do(HostUseCases.UnregisterVgpuHook, Unregister);
        Assert.Equal("local:snippets/pin.sh", _lab.Line(101, "hookscript"));
        Assert.Equal(settings, _lab.ReadFile(Situation.Settings));
        Assert.Equal(text.Split('\n').Order(), _lab.Text(101).Split('\n').Order());
    }

    [Fact]
    public void A_configuration_that_cannot_be_read_stays_as_it_is() => _lab
        .With(101, "hookscript: local:snippets/pin.sh").PutFile(Other, "#!/bin/sh\n", isExecutable: true)
        .PutFile(Situation.Settings, "{ \"mine\": 1 }").Refuses<UnreadableDataException, RegisterVgpuHookRequest>(
            HostUseCases.RegisterVgpuHook, Register, ErrorIds.UnreadableData, "mine");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_hookscript_that_does_not_run_is_not_chained(bool exists)
    {
        _lab.With(101, "hookscript: local:snippets/pin.sh");
        _ = exists ? _lab.PutFile(Other, "#!/bin/sh\n") : _lab;
        _lab.Refuses<ObjectNotFoundException, RegisterVgpuHookRequest>(
            HostUseCases.RegisterVgpuHook, Register, ErrorIds.HookscriptUnusable, "qm set 101 --delete hookscript");
    }

    [Fact]
    public void A_copy_of_the_hook_under_another_name_is_no_other_script()
    {
        _lab.With(101, "hookscript: local:snippets/gpu")
            .PutFile("/var/lib/vz/snippets/gpu", LabVms.HookMark, isExecutable: true);
        Assert.Empty(_lab.Do(HostUseCases.RegisterVgpuHook, Register).Plan.Steps);
    }

    [Fact]
    public void A_change_that_proxmox_refuses_restores_the_chain()
    {
        _lab.With(101, "hookscript: local:snippets/pin.sh").PutFile(Other, "#!/bin/sh\n", isExecutable: true);
        _lab.Host.Processes.Programs["/usr/sbin/qm"] = _ => new(255, null, false, 0, "", "no quorum?\n");
        var refusal = Assert.Throws<HostNotReadyException>(
            () => _lab.Run(HostUseCases.RegisterVgpuHook, Register, isPlanOnly: false));
        Assert.Contains("no quorum", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_lab.Ports.Settings.Load().Chain);
    }

    [Fact]
    public void A_hook_that_a_vgpu_needs_stays_unless_forced()
    {
        _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "web", Type = "A30-1-6C" });
        _lab.Refuses<ResourceBusyException, UnregisterVgpuHookRequest>(
            HostUseCases.UnregisterVgpuHook, Unregister, ErrorIds.HookInUse, "hostpci0", "Remove-VmVgpu -VmId 101");
        _lab.Do(HostUseCases.UnregisterVgpuHook, Unregister with { Force = true });
        Assert.Null(_lab.Line(101, "hookscript"));
    }

    [Fact]
    public void A_chained_script_outside_the_storages_cannot_be_restored()
    {
        _lab.Do(HostUseCases.RegisterVgpuHook, Register);
        _lab.PutFile("/root/pin.sh", "#!/bin/sh\n", isExecutable: true)
            .PutFile(Situation.Settings, """{"chain": {"101": {"path": "/root/pin.sh"}}}""");
        _lab.Refuses<InvalidRequestException, UnregisterVgpuHookRequest>(
            HostUseCases.UnregisterVgpuHook, Unregister, ErrorIds.HookscriptUnusable, "/root/pin.sh");
        _lab.Do(HostUseCases.UnregisterVgpuHook, Unregister with { Force = true });
        Assert.Empty(_lab.Ports.Settings.Load().Chain);
    }

    [Fact]
    public void A_running_vm_has_the_hook_at_once()
    {
        _lab.Start(101).Do(HostUseCases.RegisterVgpuHook, Register);
        Assert.Equal("local:snippets/vgpu-hook", _lab.Line(101, "hookscript"));
        _lab.Node.StopAndCleanUp(101);
    }

    [Fact]
    public void A_full_storage_is_reported()
    {
        _lab.Host.Edit(state => state.Setup.WriteRefusals["/var/lib/vz"] = 28);
        var failure = Assert.Throws<HostNotReadyException>(
            () => _lab.Run(HostUseCases.RegisterVgpuHook, Register, isPlanOnly: false));
        Assert.Equal(ErrorIds.WriteFailed, failure.ErrorId);
        Assert.Null(_lab.Line(101, "hookscript"));
    }

    private const string Storages =
        "dir: local\n\tpath /var/lib/vz\n\tcontent iso,snippets\n\n"
        + "nfs: shared\n\tserver 10.0.0.1\n\texport /x\n\tcontent snippets\n\n"
        + "dir: plain\n\tpath /srv/plain\n\tcontent iso\n\n"
        + "dir: off\n\tpath /srv/off\n\tcontent snippets\n\tdisable\n\n"
        + "dir: elsewhere\n\tpath /srv/else\n\tcontent snippets\n\tnodes pve2\n\n"
        + "lvmthin: lvm\n\tvgname pve\n\tcontent images\n\n";
}
