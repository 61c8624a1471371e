using System.IO.Compression;
using System.Management.Automation;
using VgpuPS.Core.Rows;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class ExportVgpuDiagnosticCommandTests : CommandTests
{
    private const string Secret = "Hunter2xSECRETx";

    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Export-VgpuDiagnostic .", "PathUnusable", ErrorCategory.InvalidArgument },
        { "Export-VgpuDiagnostic /no/such/folder/b.zip", "PathUnusable", ErrorCategory.InvalidArgument },
        { "Export-VgpuDiagnostic b.zip -Session nope", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Export-VgpuDiagnostic b.zip -Session l", "lab" },
    };

    private string Bundle => PathOf("bundle.zip");

    [Fact]
    public void It_lists_what_is_inside_and_the_manifest_says_what_is_missing_and_why()
    {
        Run("Enable-MigMode 0 -Reset; Enable-Sriov 0; Add-VmVgpu 101 -Profile 2g.12gb; Start-LabVm 101");
        Run("Export-VgpuLayout -Save");
        var rows = Values($"Export-VgpuDiagnostic '{Bundle}'").Cast<VgpuDiagnosticInfo>().ToList();
        var files = Read();
        Assert.Equal(
            rows.Where(r => r.Problem is null).Select(r => r.Name).Append("MANIFEST.txt").Append("client.txt").Order(),
            files.Keys.Order());
        string[] wanted =
        [
            "show.json", "doctor.json", "versions.txt", "etc/layout.json", "run/claims.json", "events.jsonl",
            "journal/nvidia-vgpu-mgr.service.log", "kernel.log", "units.txt", "vms/101.conf", "cmdline.txt",
        ];
        Assert.Empty(wanted.Select(w => "lab/" + w).Except(files.Keys));
        Assert.Contains("\"id\": \"IommuOff\"", files["lab/doctor.json"], StringComparison.Ordinal);
        Assert.Contains("mdev=nvidia-", files["lab/vms/101.conf"], StringComparison.Ordinal);
        Assert.Contains("createGpuInstance", files["lab/events.jsonl"], StringComparison.Ordinal);
        Assert.All(rows, r => Assert.Contains(r.Name, files["MANIFEST.txt"], StringComparison.Ordinal));
        Assert.All(rows.Where(r => r.Problem is null), r => Assert.Equal(
            System.Text.Encoding.UTF8.GetByteCount(files[r.Name]), r.Size));
        Assert.Contains("MISSING: ", files["MANIFEST.txt"], StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Bundle));
        }
    }

    [Theory]
    [InlineData("Export-VgpuDiagnostic", "bundle.zip")]
    [InlineData("Export-VgpuReport", "report.html")]
    public void A_folder_is_answered_with_a_path_that_works_as_typed(string command, string name)
    {
        var folder = Directory.CreateDirectory(PathOf("it's mine")).FullName;
        var typed = folder.Replace("'", "''", StringComparison.Ordinal);
        var error = Refusal($"{command} '{typed}'");
        Assert.Equal(
            $"name a file in it: -Path '{Path.Combine(typed, name)}'", error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public async Task Planted_secrets_are_in_no_file_of_it()
    {
        var node = await OpenLabAsync();
        Run("Enable-Sriov 0; Add-VmVgpu 101 A30-6C");
        node.Host.Put("/etc/vgpups/config.json", "{ \"token\": \"" + Secret + "\", \"password\": \"" + Secret + "\" }");
        node.Host.Put("/etc/modprobe.d/x.conf", "options x secret=" + Secret + "\n");
        node.Host.Put("/run/vgpups/odd.json", "eyJhbGciOiJSUzI1NiJ9." + Secret + ".x");
        node.Host.Put("/etc/pve/mapping/pci.cfg", "gpu\n\tdescription password: " + Secret + "\n");
        node.Host.Put("/var/log/vgpups/events.jsonl",
            "{\"time\":\"2026-01-05T08:00:00.000Z\",\"source\":\"hook\",\"action\":\"a\",\"target\":\"token="
                + Secret + "\"}\n");
        var vm = "/etc/pve/nodes/pve1/qemu-server/101.conf";
        node.Host.Put(vm, System.Text.Encoding.UTF8.GetString(node.Host.Files.Read(vm, 1 << 20))
            + "cipassword: " + Secret + "\nsshkeys: ssh-rsa%20AAAA" + Secret + "\n#note " + Secret + "\nargs: -x "
            + Secret + "\n");
        node.Host.Edit(s =>
        {
            s.KernelLog.Add("[    5.000000] nvidia: password=" + Secret);
            s.Platform.Journals["nvidia-vgpu-mgr.service"] =
            [
                "1767600000.000000 pve1 nvidia-vgpu-mgr[1044]: notice: token " + Secret + "=x token: " + Secret,
                "1767600001.000000 pve1 nvidia-vgpu-mgr[1044]: Authorization: Bearer " + Secret,
            ];
        });
        Try($"Export-VgpuDiagnostic '{Bundle}'");
        var files = Read();
        Assert.True(files.Count > 15);
        var leaks = files.Where(f => f.Value.Contains("password=" + Secret, StringComparison.Ordinal)
            || f.Value.Replace("token " + Secret, "", StringComparison.Ordinal).Contains(
                Secret, StringComparison.Ordinal)).Select(f => f.Key);
        Assert.Empty(leaks);
        Assert.Contains("[redacted]", files["lab/etc/config.json"], StringComparison.Ordinal);
        Assert.Matches("# left out: args, .*cipassword, .*description, .*sshkeys", files["lab/vms/101.conf"]);
    }

    [Fact]
    public async Task Anonymized_it_names_no_VM_and_no_host_and_one_word_stands_for_each()
    {
        var node = await OpenLabAsync();
        Run("Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; Connect-VgpuHost -Lab L40S -Name customer-b");
        node.Host.Put("/etc/hosts", "127.0.0.1 localhost\n10.1.2.3 pve1.customer.example pve1\n");
        node.Host.Put("/var/log/vgpups/events.jsonl", System.Text.Encoding.UTF8.GetString(
            node.Host.Files.Read("/var/log/vgpups/events.jsonl", 1 << 20))
            + "{\"time\":\"2026-01-05T08:00:00.000Z\",\"source\":\"hook\",\"action\":\"a\",\"target\":\"web on "
            + "pve1.customer.example 10.1.2.3\"}\n");
        node.Host.Put("/etc/pve/nodes/pve1/lxc/200.conf", "hostname: dns-of-x\n", LabEntry.FileMode);
        node.Host.Put("/etc/pve/nodes/pve9/qemu-server/909.conf", "name: their-vm\n", LabEntry.FileMode);
        node.Host.Edit(s => s.KernelLog.Add("[    6.000000] NVRM: dns-of-x and their-vm on " + s.Gpus[0].Uuid));
        Run($"Export-VgpuDiagnostic '{Bundle}' -Anonymize");
        var files = Read();
        foreach (var (name, text) in files)
        {
            Assert.DoesNotMatch(@"(?i)(?<![a-z0-9_-])(web|pve1|customer|lab)(?![a-z0-9_-])", name);
            Assert.DoesNotMatch(
                @"(?i)(?<![a-z0-9_/-])(web|pve1|customer-b|dns-of-x|their-vm|GPU-[0-9a-f]{8}-[0-9a-f-]+|10\.1\.2\.3)"
                    + "(?![a-z0-9_-])", text);
        }

        Assert.All(files.Keys.Where(k => k.Contains('/', StringComparison.Ordinal)), k =>
            Assert.StartsWith("host-", k, StringComparison.Ordinal));
        var events = files.First(f => f.Key.EndsWith("events.jsonl", StringComparison.Ordinal)
            && f.Value.Contains("vm-101 on host-", StringComparison.Ordinal));
        Assert.Matches("vm-101 on host-[0-9a-f]{8} ip-[0-9a-f]{8}", events.Value);
        Assert.Contains("\"vm-101\"", files[events.Key.Replace("events.jsonl", "show.json", StringComparison.Ordinal)],
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_there_is_asked_about_and_PassThru_writes_the_file()
    {
        File.WriteAllText(Bundle, "old");
        AssertRefused($"Export-VgpuDiagnostic '{Bundle}'", "ConfirmationRequired", ErrorCategory.NotEnabled);
        Assert.Equal("old", File.ReadAllText(Bundle));
        Assert.Equal(Bundle, One<FileInfo>($"Export-VgpuDiagnostic '{Bundle}' -Force -PassThru").FullName);
    }

    private Dictionary<string, string> Read()
    {
        using var zip = ZipFile.OpenRead(Bundle);
        return zip.Entries.ToDictionary(e => e.FullName, e =>
        {
            using var reader = new StreamReader(e.Open());
            return reader.ReadToEnd();
        });
    }
}
