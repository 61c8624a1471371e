using System.Globalization;
using VgpuPS.LabHook;
using VgpuPS.LabHook.Commands;

namespace VgpuPS.Tests.LabHook;

/// <summary>Types <c>vgpu-lab</c> commands on a state file of its own.</summary>
internal sealed class LabShellProcess : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vgpu-lab-").FullName;

    public string State => Path.Combine(_folder, "host.json");

    public string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Runs a command on the state file.</summary>
    public (int Code, string Output, string Error) On(params string[] arguments) =>
        Run(["--state", State, .. arguments]);

    public static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        var code = new LabCommands(new Terminal(output, hasColours: false), error).RunAsync(arguments, default).Result;
        return (code, output.ToString(), error.ToString());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
