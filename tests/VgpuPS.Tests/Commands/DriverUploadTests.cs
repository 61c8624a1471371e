using System.IO.Compression;
using System.Management.Automation;
using System.Text;
using VgpuPS.Changing;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Sessions;
using VgpuPS.Host.State;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Platform;
using VgpuPS.LabHook;
using VgpuPS.Sessions;
using VgpuPS.Text;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>Driver files of the workstation: which one is meant, how it comes to the host, and that nothing of it
/// stays.</summary>
public sealed class DriverUploadTests : EngineTests
{
    private const string HostName = "NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run";
    private const string GuestName = "NVIDIA-Linux-x86_64-580.105.08-grid.run";
    private const string GuestDeb = "nvidia-linux-grid-580_580.105.08_amd64.deb";
    private const string GuestSetup = "581.80_grid_win10_win11_server2022_dch_64bit_international.exe";
    private const string Prepare = "Enable-Sriov 0; Add-VmVgpu 101, 102, 104 A30-6C; Start-LabVm 101, 102, 104; "
        + "101, 102, 104 | ForEach-Object { Set-LabGuest $_ -Driver '' }";

    [Fact]
    public async Task A_host_package_is_uploaded_when_it_is_needed_run_and_removed()
    {
        var node = await BareAsync();
        var file = Put(HostName, Head(HostName));
        var line = $"Initialize-VgpuHost '{file}'";
        Assert.DoesNotContain("upload", Printed(line + " -Restart -WhatIf"), StringComparison.Ordinal);
        Run(line + " -Restart");
        Assert.Null(node.Host.Files.List(UploadFolder.Root));
        Assert.Matches(
            $"1\\. upload {HostName} \\(0 MiB\\) to host pve1, and compare its SHA-256\\s+"
                + $"2\\. install .* {HostName} --silent", Printed(line + " -WhatIf"));
        Assert.Null(node.Host.Files.List(UploadFolder.Root));
        List<string> ran = [];
        node.Host.Processes.CommandLines = l => ran.Add(l);
        Run(line);
        node.Host.Processes.CommandLines = null;
        Assert.Matches($"^/bin/sh {UploadFolder.Root}/[^/]+/{HostName} --silent --dkms$",
            Assert.Single(ran, r => r.Contains("--silent", StringComparison.Ordinal)));
        Assert.Equal("580.105.06", node.Host.State.Setup.DriverVersion);
        AssertNothingIsLeft(node);
        Assert.DoesNotContain("1.", Printed(line + " -WhatIf"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_that_does_not_install_is_removed_too()
    {
        var node = await BareAsync();
        var line = $"Initialize-VgpuHost '{Put(HostName, Head(HostName))}'";
        Run(line + " -Restart");
        node.Host.Processes.Programs["/bin/sh"] = _ => new(1, null, false, 0, "", "ERROR: no\n");
        AssertRefused(line, "HostCommandFailed", ErrorCategory.InvalidResult);
        AssertNothingIsLeft(node);
    }

    [Fact]
    public async Task A_path_that_both_machines_have_is_the_host_s_unless_said_otherwise()
    {
        var node = await BareAsync();
        var file = Put(HostName, Head(HostName));
        Run($"Initialize-VgpuHost '{file}' -Restart");
        node.Host.Put(file, Head(HostName), 0b111_101_101);
        var plain = Run($"Initialize-VgpuHost '{file}' -WhatIf");
        Assert.Contains($"{file} --silent", string.Join('\n', plain.Printed), StringComparison.Ordinal);
        Assert.Matches(
            $"{file} is on host pve1, .*the host's is used; -PathOn Workstation", Assert.Single(plain.Warnings));
        var here = Run($"Initialize-VgpuHost '{file}' -PathOn Workstation -WhatIf");
        Assert.Contains($"upload {HostName}", string.Join('\n', here.Printed), StringComparison.Ordinal);
        Assert.Empty(here.Warnings);
        var there = Run($"Initialize-VgpuHost '{file}' -PathOn Host -WhatIf");
        Assert.Contains($"{file} --silent", string.Join('\n', there.Printed), StringComparison.Ordinal);
        Assert.Empty(there.Warnings);
    }

    [Fact]
    public async Task The_host_package_of_a_zip_is_found_by_its_name()
    {
        var node = await BareAsync();
        var zip = PutZip(
            ("NVIDIA-GRID/Host_Drivers/" + HostName, Head(HostName)), ("NVIDIA-GRID/Guest_Drivers/" + GuestName, "x"),
            ("Host_Drivers/nvidia-vgpu-ubuntu-580_580.105.06_amd64.deb", "x"), ("readme.txt", "x"),
            ("Host_Drivers/../../../root/NVIDIA-Linux-x86_64-999.1-vgpu-kvm.run", "x"));
        Run($"Initialize-VgpuHost '{zip}' -Restart");
        Run($"Initialize-VgpuHost '{zip}'");
        Assert.Equal("580.105.06", node.Host.State.Setup.DriverVersion);
        AssertNothingIsLeft(node);
        Assert.DoesNotContain("999.1", string.Join('\n', node.Host.Files.List("/root")!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_host_packages_in_a_zip_are_named_and_one_can_be_chosen()
    {
        await BareAsync();
        const string Other = "NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm-aie.run";
        var zip = PutZip(("Host_Drivers/" + HostName, Head(HostName)), ("Host_Drivers/" + Other, Head(Other)));
        var refusal = Refusal($"Initialize-VgpuHost '{zip}' -WhatIf");
        Assert.StartsWith("AmbiguousDriver", refusal.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains($"{HostName}, {Other}", refusal.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Contains("-ZipEntry", refusal.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Run($"Initialize-VgpuHost '{zip}' -ZipEntry *aie* -WhatIf");
    }

    [Theory]
    [InlineData("Initialize-VgpuHost ./none.zip", "DriverPackageNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Initialize-VgpuHost /root/x.run -PathOn Workstation", "DriverPackageNotFound",
        ErrorCategory.ObjectNotFound)]
    [InlineData("Initialize-VgpuHost /root/x.zip -PathOn Host", "ConflictingParameters", ErrorCategory.InvalidArgument)]
    [InlineData("Initialize-VgpuHost /root/x.run -ZipEntry x", "ConflictingParameters", ErrorCategory.InvalidArgument)]
    [InlineData("Install-VmVgpuDriver 101 ./none.zip", "ReadFailed", ErrorCategory.ObjectNotFound)]
    public void A_file_that_is_not_there_or_cannot_be_meant_is_refused(
        string line, string id, ErrorCategory category) => AssertRefused(line, id, category);

    [Theory]
    [InlineData("Host_Drivers/" + GuestDeb, "Initialize-VgpuHost", "DriverPackageWrong", GuestDeb)]
    [InlineData("Host_Drivers/" + HostName, "Install-VmVgpuDriver 101", "GuestDriverMismatch", "nothing there")]
    public void A_zip_without_such_a_driver_says_what_it_has(string entry, string command, string id, string has)
    {
        var refusal = Refusal($"{command} '{PutZip((entry, "x"))}' -WhatIf");
        Assert.StartsWith(id + ",", refusal.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(has, refusal.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_that_is_none_is_refused()
    {
        AssertRefused($"Initialize-VgpuHost '{Put("x.zip", "no zip")}'", "ReadFailed", ErrorCategory.InvalidData);
        AssertRefused($"Initialize-VgpuHost '{Put(HostName, "no package")}'", "DriverPackageWrong",
            ErrorCategory.InvalidArgument, "does not begin");
        AssertRefused($"Initialize-VgpuHost '{Put(GuestName, Head(GuestName))}'", "DriverPackageWrong",
            ErrorCategory.InvalidArgument, "-vgpu-kvm");
    }

    [Fact]
    public async Task Guests_get_the_driver_of_their_system_which_is_uploaded_once_and_removed()
    {
        var node = await OpenLabAsync();
        Run(Prepare);
        var zip = PutZip(
            ("Guest_Drivers/" + GuestName, new string('r', 3_000_000)), ("Guest_Drivers/" + GuestDeb, "deb"),
            ("Guest_Drivers/" + GuestSetup, "exe"),
            ("Guest_Drivers/nvidia-linux-grid-580-580.105.08-1.x86_64.rpm", "x"),
            ("Host_Drivers/" + HostName, Head(HostName)));
        List<string> ran = [];
        node.Host.Processes.CommandLines = l => ran.Add(l);
        Run($"Install-VmVgpuDriver 101, 102, 104 '{zip}' -Confirm:$false");
        Assert.Equal(
            ["580.105.08", "580.105.08", "581.80"],
            Values("101, 102, 104 | ForEach-Object { (Get-VmVgpuDriver $_).GuestDriver }"));
        Assert.Equal(2, ran.Count(r => r.StartsWith(UploadFolder.FreeSpaceTool, StringComparison.Ordinal)));
        AssertNothingIsLeft(node);
    }

    [Fact]
    public async Task A_guest_driver_of_this_machine_is_planned_and_no_touches_nothing()
    {
        var node = await OpenLabAsync();
        Run(Prepare);
        var line = $"Install-VmVgpuDriver 101 '{Put(GuestName, "run")}'";
        Assert.Matches(
            $@"1\. upload {GuestName} .* to host pve1, and compare its SHA-256\s+2\. upload {GuestName} .* into",
            Printed(line + " -WhatIf"));
        Answer("n");
        Run(line);
        Assert.Null(node.Host.Files.List(UploadFolder.Root));
        Run(line + " -Confirm:$false");
        AssertNothingIsLeft(node);
        Assert.DoesNotContain("1.", Printed(line + " -WhatIf"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_that_is_stopped_leaves_nothing()
    {
        var node = await OpenLabAsync();
        var file = Put(GuestName, new string('x', 9_000_000));
        var parts = 0;
        using var stop = new CancellationTokenSource();
        var session = new Watched(new LabHostSession("lab", node), () =>
        {
            if (++parts == 2)
            {
                stop.Cancel();
            }
        });
        var choice = DriverFiles.Choose(file, file, null, null, isHost: false);
        var sink = new Sink();
        var use = new FileUploads(choice.Files, "test").Take(session, GuestName);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => use.GetPathAsync(sink, stop.Token));
        Assert.NotEmpty(node.Host.Files.List(UploadFolder.Root)!);
        await use.EndAsync(sink);
        AssertNothingIsLeft(node);
        Assert.Equal([$"upload {GuestName} to lab: part 1 of 3", $"upload {GuestName} to lab: part 2 of 3"],
            sink.Steps.Take(2));
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_uploaded_is_not_used()
    {
        var node = await OpenLabAsync();
        var file = Put(GuestName, new string('x', 5_000_000));
        var choice = DriverFiles.Choose(file, file, null, null, isHost: false);
        File.WriteAllText(file, "short");
        var use = new FileUploads(choice.Files, "test").Take(new LabHostSession("lab", node), GuestName);
        var failure = await Assert.ThrowsAsync<VgpuPS.Core.Errors.UnreadableDataException>(
            () => use.GetPathAsync(new Sink(), TestContext.Current.CancellationToken));
        Assert.Contains("as it was when the change was planned", failure.Message, StringComparison.Ordinal);
        await use.EndAsync(new Sink());
        AssertNothingIsLeft(node);
    }

    private static async Task<LabHostNode> BareAsync() =>
        await OpenLabAsync(new LabOptions { IsBare = true, WithVms = true });

    private static void AssertNothingIsLeft(LabHostNode node) =>
        Assert.Empty(node.Host.Files.List(UploadFolder.Root) ?? []);

    private static string Head(string name) => LabDriverFiles.Head(name[..^4], name.Split('-')[3]);

    private string Put(string name, string content)
    {
        var path = PathOf(name);
        File.WriteAllText(path, content);
        return path;
    }

    private string PutZip(params (string Name, string Content)[] entries)
    {
        var path = PathOf("NVIDIA-GRID-Linux-KVM-580.105.06-580.105.08-581.80.zip");
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (name, content) in entries)
        {
            using var stream = zip.CreateEntry(name).Open();
            stream.Write(Encoding.UTF8.GetBytes(content));
        }

        return path;
    }

    private IReadOnlyList<string> Lines(string line) => Run(line).Printed;

    private string Printed(string line) => string.Join('\n', Lines(line));

    /// <summary>A session that says when a part was taken.</summary>
    private sealed class Watched(IHostSession inner, Action onPart) : IHostSession
    {
        public string Name => inner.Name;

        public string Kind => inner.Kind;

        public async Task<TResult> RunAsync<TRequest, TResult>(
            UseCase<TRequest, TResult> useCase, TRequest request, ISessionObserver observer, CancellationToken token)
            where TRequest : notnull
            where TResult : notnull
        {
            token.ThrowIfCancellationRequested();
            var result = await inner.RunAsync(useCase, request, observer, token);
            if (useCase.Name == HostUseCases.UploadFile.Name)
            {
                onPart();
            }

            return result;
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Sink : ICommandSink
    {
        public List<string> Steps { get; } = [];

        public void WriteObject(object value)
        {
        }

        public void WriteFailure(VgpuPS.Core.Errors.VgpuException failure)
        {
        }

        public void WriteVerbose(string message)
        {
        }

        public void WriteWarning(string message) => Assert.Fail(message);

        public void WriteProgress(string activity, StepProgress progress) => Steps.Add(progress.Text);

        public Task<bool> ConfirmAsync(ChangePlan plan) => Task.FromResult(true);
    }
}
