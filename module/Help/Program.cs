using System.Xml.Linq;
using VgpuPS.Core.Rows;
using VgpuPS.Host;
using VgpuPS.Sessions;

namespace VgpuPS.Help;

/// <summary>
/// Writes what the module says of its commands: help from their documentation comments, and their names into the
/// manifest: <c>VgpuPS.Help HELP MANIFEST</c>.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is not [var path, var manifest])
        {
            Console.Error.WriteLine("usage: VgpuPS.Help HELP MANIFEST");
            return 64;
        }

        var assembly = typeof(VgpuCmdlet).Assembly;
        var comments = new DocComments(
            XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")),
            XDocument.Load(Path.ChangeExtension(typeof(HostObject).Assembly.Location, ".xml")),
            XDocument.Load(Path.ChangeExtension(typeof(HostPorts).Assembly.Location, ".xml")));
        var commands = CommandModel.FindAll(assembly);
        var help = new MamlWriter(comments).Write(commands);
        if (comments.Missing.Count > 0)
        {
            Console.Error.WriteLine($"without a documentation comment: {string.Join(", ", comments.Missing)}");
            return 65;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        help.Save(path);
        File.WriteAllText(manifest, Manifest.Fill(File.ReadAllText(manifest), commands.Select(c => c.Name)));
        return 0;
    }
}
