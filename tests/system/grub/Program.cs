using System.Text.RegularExpressions;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Platform;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Platform;
using VgpuPS.Host.Seams;

namespace VgpuPS.GrubTests;

/// <summary>
/// Compares what the product says about GRUB's files, by the shell of a Debian root, with what the real grub-mkconfig
/// of that root makes of them, and carries the product's change out there.
/// </summary>
/// <remarks>usage: VgpuPS.GrubTests ROOT…, each a Debian root with grub-common, grub2-common and a stand-in for
/// grub-probe.</remarks>
internal static partial class Program
{
    private const string Kernel = "6.14.11-4-pve";
    private const string Config = "/boot/grub/grub.cfg";
    private const string Before = "# not generated\n";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private static int s_failures;

    private static async Task<int> Main(string[] roots)
    {
        foreach (var root in roots)
        {
            var bed = new Bed(root);
            var release = (await bed.RunAsync("/bin/cat", "/etc/debian_version").ConfigureAwait(false)).Output.Trim();
            foreach (var form in GrubForm.All)
            {
                bed.Put(form);
                await TryAsync(bed, form, $"Debian {release}, {form.Name}").ConfigureAwait(false);
            }

            Console.WriteLine($"ok   Debian {release}: {GrubForm.All.Count} forms");
        }

        Console.WriteLine(s_failures == 0 ? "grub: all checks passed" : $"grub: {s_failures} failures");
        return s_failures == 0 && roots.Length > 0 ? 0 : 1;
    }

    private static async Task TryAsync(Bed bed, GrubForm form, string name)
    {
        var product = new HostPreparation(bed.Files, bed);
        var others = await product.TryGrubAsync(null, default).ConfigureAwait(false);
        var (dropIn, add, gone) = Plan(others);
        var reading = dropIn is null ? others : await product.TryGrubAsync(dropIn, default).ConfigureAwait(false);
        var fault = others.Fault ?? reading.FindDifference(add, gone, others);

        // What really happens, by the real generator alone.
        if (dropIn is not null)
        {
            bed.Write(GrubDropIn.Path, dropIn);
        }

        var created = await bed.RunAsync("/usr/sbin/grub-mkconfig", "-o", Config).ConfigureAwait(false);
        var (normal, recovery, raw) = ReadEntries(bed.Read(Config));
        bed.Delete(GrubDropIn.Path);
        if (form.Words is null)
        {
            var isBroken = created.ExitCode != 0 || raw.Length == 0 || raw.Contains('\r', StringComparison.Ordinal)
                || add.Any(w => !KernelCommandLine.Words(normal).Contains(w))
                || gone.Any(KernelCommandLine.Words(normal).Contains);
            Check(name, isBroken,
                $"GRUB makes '{normal}' of it, with code {created.ExitCode}: nothing is wrong with that");
            Check(name, fault is not null, $"the product would accept it: {string.Join(' ', reading.Words)}");
            Check(name, (fault?.Path, fault?.Line) == (form.Place, form.Line),
                $"named is '{fault?.Text}', and not {form.Place}, line {form.Line}");
            return;
        }

        Check(name, fault is null, $"the product refuses: {fault?.Text}");
        Check(name, created.ExitCode == 0, $"grub-mkconfig ends with {created.ExitCode}: {created.Error}");
        Check(name, normal == form.Words, $"GRUB makes '{normal}', expected is '{form.Words}'");
        Check(name, string.Join(' ', reading.Words) == normal,
            $"the product reads '{string.Join(' ', reading.Words)}', GRUB makes '{normal}'");
        Check(name, form.Recovery is null || recovery == form.Recovery,
            $"recovery entries have '{recovery}', expected is '{form.Recovery}'");
        var entry = GrubConfig.Read(Config, bed.Read(Config)).Default;
        Check(name, entry is { Kernel: Kernel } && string.Join(' ', entry.Words.Skip(2)) == normal,
            $"the product reads '{entry}' from grub.cfg");
        await ExecuteAsync(
            bed, product, form, dropIn, new LoaderExpectation(Kernel, add, gone), name).ConfigureAwait(false);
    }

    /// <summary>The product's own change, with its trial, its generation and its look at what came of it.</summary>
    private static async Task ExecuteAsync(
        Bed bed, HostPreparation product, GrubForm form, string? dropIn, LoaderExpectation expected, string name)
    {
        bed.Write(Config, Before);
        try
        {
            await product.SetGrubAsync(Facts, dropIn, expected, default).ConfigureAwait(false);
        }
        catch (VgpuException e)
        {
            Check(name, false, $"it cannot be carried out: {e.Message}");
        }

        Check(name, ReadEntries(bed.Read(Config)).Normal == form.Words, "what the product generated is something else");
        Check(name, bed.Files.GetInfo("/run/vgpups/grub.cfg") is null
            && bed.Files.GetInfo("/run/vgpups/grub.cfg.new") is null, "its trial is left");
    }

    private static (string? DropIn, List<string> Add, List<string> Gone) Plan(GrubEvaluation others)
    {
        HashSet<int> kept = [];
        List<string> add = KernelCommandLine.Has(others.Words, KernelCommandLine.PassThrough)
            ? [] : [KernelCommandLine.PassThrough];
        return (
            GrubDropIn.Make(add, DriverObstacles.FindChanges(others.Linux, kept),
                DriverObstacles.FindChanges(others.Default, kept)), add,
            [.. DriverObstacles.FindChanges(others.Words, kept).Select(c => c.Old)]);
    }

    /// <summary>
    /// Words of the first entry and of the first one for recovery behind root= and ro, less what the generator adds by
    /// itself, read apart from the product.
    /// </summary>
    private static (string Normal, string Recovery, string Raw) ReadEntries(string text)
    {
        var lines = KernelLine().Matches(text).Select(m => m.Groups[1].Value).ToList();
        var normal = lines.Find(l => !Words(l).Contains("single")) ?? "";
        var recovery = lines.Find(l => Words(l).Contains("single")) ?? "";
        return (string.Join(' ', Words(normal)),
            string.Join(' ', Words(recovery).Where(w => w is not ("single" or "dis_ucode_ldr"))), normal);
    }

    private static string[] Words(string line) => line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);

    private static void Check(string name, bool isRight, string what)
    {
        if (!isRight)
        {
            s_failures++;
            Console.WriteLine($"FAIL {name}: {what}");
        }
    }

    private static BootFacts Facts { get; } = new()
    {
        Loader = BootLoader.Grub,
        SystemPartitions = [],
        IsSecureBoot = false,
        Running = "BOOT_IMAGE=/boot/vmlinuz root=x",
        Grub = VgpuPS.Core.Platform.Facts.Read(() => new GrubEvaluation([], null)),
        GrubWithoutOurs = VgpuPS.Core.Platform.Facts.Read(() => new GrubEvaluation([], null)),
        DropInText = null,
        GrubWasEdited = false,
        Entries = null,
        KernelText = null,
        PinnedKernel = null,
        NextBootKernel = null,
        Kernels = [Kernel],
        StartedAt = null,
        ChangedAt = new Dictionary<string, DateTimeOffset>(),
    };

    [GeneratedRegex(@"^\s+linux\s+\S+ root=\S+ ro ?(.*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex KernelLine();

    /// <summary>A Debian root: its files, and its programs by chroot.</summary>
    private sealed class Bed(string root) : IProcessRunner
    {
        private readonly LinuxProcessRunner _runner = new(TimeProvider.System);

        public LinuxHostFiles Files { get; } = new(root);

        public Task<ProcessResult> RunAsync(string program, params string[] arguments) =>
            RunAsync(new ProcessRequest(program, arguments, s_limit), default);

        public Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken) =>
            _runner.RunAsync(
            request with { FileName = "/usr/sbin/chroot", Arguments = [root, request.FileName, .. request.Arguments] },
            cancellationToken);

        public Task<AttributeWriteResult> WriteAttributeAsync(
            string path, string value, TimeSpan deadline, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public void Put(GrubForm form)
        {
            foreach (var folder in (string[])["/etc/default/grub.d", "/boot/grub"])
            {
                Directory.CreateDirectory(root + folder);
                foreach (var file in Directory.EnumerateFiles(root + folder))
                {
                    File.Delete(file);
                }
            }

            File.Delete(root + "/etc/default/grub");
            foreach (var name in (string[])[$"/boot/vmlinuz-{Kernel}", $"/boot/initrd.img-{Kernel}"])
            {
                Write(name, "");
            }

            Write(Config, "");
            if (form.Grub is { } text)
            {
                Write("/etc/default/grub", text);
            }

            foreach (var (name, content) in form.Files)
            {
                Write($"/etc/default/grub.d/{name}", content);
            }
        }

        public void Write(string path, string text) => File.WriteAllText(root + path, text);

        public string Read(string path) => File.Exists(root + path) ? File.ReadAllText(root + path) : "";

        public void Delete(string path) => File.Delete(root + path);
    }
}
