-- CreateIndex
CREATE INDEX "events_subject_id_seq_idx" ON "events"("subject_id", "seq");

-- CreateIndex
CREATE INDEX "events_time_idx" ON "events"("time");
