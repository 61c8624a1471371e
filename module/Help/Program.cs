using System.Xml.Linq;
using VgpuPS.Core.Rows;
using VgpuPS.Sessions;

namespace VgpuPS.Help;

/// <summary>Writes the module's help from the documentation comments of its commands: <c>VgpuPS.Help FILE</c>.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is not [var path])
        {
            Console.Error.WriteLine("usage: VgpuPS.Help FILE");
            return 64;
        }

        var assembly = typeof(VgpuCmdlet).Assembly;
        var comments = new DocComments(
            XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")),
            XDocument.Load(Path.ChangeExtension(typeof(HostObject).Assembly.Location, ".xml")));
        var help = new MamlWriter(comments).Write(CommandModel.FindAll(assembly));
        if (comments.Missing.Count > 0)
        {
            Console.Error.WriteLine($"without a documentation comment: {string.Join(", ", comments.Missing)}");
            return 65;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        help.Save(path);
        return 0;
    }
}
