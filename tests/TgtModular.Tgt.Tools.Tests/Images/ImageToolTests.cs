using TgtModular.Interop.Harness;
using TgtModular.Tgt.Tools.Images;
using TgtModular.Tgt.Tools.Tests.Harness;

namespace TgtModular.Tgt.Tools.Tests.Images;

[TestClass]
public sealed class ImageToolTests
{
    private static readonly string[] NewDisk = ["--op", "new", "--device-type", "disk", "--type", "disk"];

    [TestMethod]
    [DataRow(true, "Yes")]
    [DataRow(false, "No")]
    public void New_Disk_HasItsSizeAndShowsIt(bool thin, string expected)
    {
        using TempDirectory directory = new();
        Captured captured = new();
        string file = directory.File("d.img");

        Assert.AreEqual(0, ImageTool.Run([.. NewDisk, "--size", "3", "--file", file, .. thin ? ["--thin-provisioning"] : Array.Empty<string>()], captured.Streams), captured.Error);

        Assert.AreEqual($"Created blank DISK image file : {file}\n", captured.Output);
        Assert.AreEqual(3 << 20, new FileInfo(file).Length);
        Assert.AreEqual(UnixFileMode.None, File.GetUnixFileMode(file) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite));
        Captured shown = new();
        Assert.AreEqual(0, ImageTool.Run(["--op", "show", "--device-type", "disk", "--file", file], shown.Streams));
        Assert.AreEqual($"Image     : {file}\n type     : Disk\n capacity : 3 MB, 3145728 bytes\n thin     : {expected}\n", shown.Output);
    }

    [TestMethod]
    public void New_FileExists_IsLeftAlone()
    {
        using TempDirectory directory = new();
        Captured captured = new();
        string file = directory.Write("d.img", "data");

        Assert.AreEqual(2, ImageTool.Run([.. NewDisk, "--size", "3", "--file", file], captured.Streams));

        Assert.AreEqual("data", File.ReadAllText(file));
        StringAssert.Contains(captured.Error, "exists already");
    }

    [TestMethod]
    [DataRow("8796093022207", 2)]
    [DataRow("9223372036854775807", 22)]
    [DataRow("-5", 22)]
    [DataRow("10k", 22)]
    [DataRow("0", 3)]
    public void New_ImpossibleSize_LeavesNoFile(string size, int status)
    {
        using TempDirectory directory = new();
        Captured captured = new();

        Assert.AreEqual(status, ImageTool.Run([.. NewDisk, $"--size={size}", "--file", directory.File("d.img")], captured.Streams));

        Assert.AreNotEqual("", captured.Error + captured.Output);
        Assert.IsEmpty(Directory.GetFiles(directory.Path));
    }

    [TestMethod]
    [DataRow("", 22, "specify the operation type")]
    [DataRow("-o foo", 1, "unknown operation: foo")]
    [DataRow("-o new", 22, "specify a newly created file")]
    [DataRow("-o new -Y foo", 22, "unknown target type: foo")]
    [DataRow("-o new -f x", 22, "images for tape devices are not made by this version")]
    [DataRow("-o new -Y cd -f x", 22, "images for cd devices are not made by this version")]
    [DataRow("-o new -Y disk -f x", 22, "Missing media type: DISK")]
    [DataRow("-o new -Y disk -t data -f x", 22, "Media type must be DISK for disk devices")]
    [DataRow("-o new -Y disk -t disk -f x", 22, "Missing the capacity param")]
    [DataRow("-o show -Y disk -f /nonexistent", 1, "No such file or directory")]
    [DataRow("-o show -Y disk -f /", 1, "is a directory")]
    [DataRow("-o new extra", 22, "unrecognized option 'extra'")]
    public void Run_Wrong_SaysSo(string arguments, int status, string expected)
    {
        Captured captured = new();

        Assert.AreEqual(status, ImageTool.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), captured.Streams));

        StringAssert.Contains(captured.Error, expected);
    }
}
