global using Microsoft.VisualStudio.TestTools.UnitTesting;
global using TgtModular.Buffers;
global using TgtModular.Devices;
global using TgtModular.Plugins;
global using TgtModular.Scsi;
global using TgtModular.Storage;
global using TgtModular.TestKit;
